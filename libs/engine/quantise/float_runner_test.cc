#include "libs/engine/quantise/float_runner.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/digest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/test_float_network.h"

namespace niwaki::engine {
namespace {

using arch::OpActivation;
using arch::OpKind;
using ::testing::ElementsAre;

FloatWeight Weight(std::vector<float> values, std::vector<float> bias) {
  FloatWeight weight;
  weight.values = std::move(values);
  weight.bias = std::move(bias);
  return weight;
}

// Pixels (1, 2) and (3, -1): relu6(x0 + 2 x1, 3 x0 - x1) = (5, 1), (1, 6), doubled and halved by
// the depthwise, pooled.
TEST(FloatRunnerTest, NetworkByHand) {
  FloatNetworkBuilder builder({1, 2, 2});
  builder.Conv(2, 1, OpActivation::kRelu6, Weight({1, 2, 3, -1}, {0, 0}));
  builder.Depthwise(1, OpActivation::kNone, Weight({2, 0.5F}, {0, 1}));
  builder.Pool();
  const FloatNetwork network = builder.Build();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram program, FloatProgram::Create(&network));
  FloatRunner runner(&program);
  const std::vector<float> pixels = {1, 2, 3, -1};
  std::copy(pixels.begin(), pixels.end(), runner.input().begin());
  std::vector<std::vector<float>> seen(4);
  runner.Run([&](arch::TensorId id, absl::Span<const float> values) {
    seen[id].assign(values.begin(), values.end());
  });
  EXPECT_THAT(seen[0], ElementsAre(1, 2, 3, -1));
  EXPECT_THAT(seen[1], ElementsAre(5, 1, 1, 6));
  EXPECT_THAT(seen[2], ElementsAre(10, 1.5F, 2, 4));
  EXPECT_THAT(seen[3], ElementsAre(6, 2.75F));
}

TEST(FloatRunnerTest, ConcatenationAndReshape) {
  FloatNetworkBuilder builder({1, 2, 1});
  builder.Conv(2, 1, OpActivation::kNone, Weight({1, 10}, {0, 0}));
  FloatNetwork network = builder.Build();
  arch::Graph& graph = network.graph;
  graph.tensors.push_back({1, 2, 3});
  graph.tensors.push_back({1, 1, 6});
  graph.extras.push_back({});
  graph.extras[0].inputs = {1, 0};
  arch::Op concat;
  concat.kind = OpKind::kConcat;
  concat.output = 2;
  concat.extra = 0;
  arch::Op reshape;
  reshape.kind = OpKind::kReshape;
  reshape.input = 2;
  reshape.output = graph.output = 3;
  graph.ops.push_back(concat);
  graph.ops.push_back(reshape);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram program, FloatProgram::Create(&network));
  FloatRunner runner(&program);
  runner.input()[0] = 1;
  runner.input()[1] = 2;
  EXPECT_THAT(runner.Run(), ElementsAre(1, 10, 1, 2, 20, 2));
}

// What one machine computed; another that differs in a bit is not the path that keys stand for.
TEST(FloatRunnerTest, BitsAreThoseOfEveryMachine) {
  std::string bytes;
  for (const OpActivation activation :
       {OpActivation::kRelu6, OpActivation::kHardSwish, OpActivation::kLogistic}) {
    const FloatNetwork network = RandomNetwork(5, activation);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram program, FloatProgram::Create(&network));
    FloatRunner runner(&program);
    // Sums of whole numbers: values that need no libm.
    Random random(9);
    for (float& value : runner.input()) {
      value = static_cast<float>(static_cast<int>(random.Uniform(4001)) - 2000) / 1024;
    }
    runner.Run([&](arch::TensorId, absl::Span<const float> values) {
      bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    });
  }
  EXPECT_EQ(Sha256Hex(bytes), "DIGEST_OF_BITS");
}

TEST(RunExamplesTest, BlocksAreInOrderWhateverTheThreads) {
  const FloatNetwork network = RandomNetwork(1, OpActivation::kRelu);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram program, FloatProgram::Create(&network));
  const Examples examples = RandomExamples(2, {8, 8, 3}, 2 * kExamplesPerBlock + 3);
  ASSERT_EQ(BlocksOf(examples.count), 3);
  const auto inputs = [&](const Loop& loop) {
    std::vector<std::vector<float>> first(3);
    EXPECT_THAT(RunExamples(program, examples, loop,
                            [&](int64_t block, arch::TensorId id, absl::Span<const float> values) {
                              if (id == network.graph.input) first[block].push_back(values[0]);
                            }),
                IsOk());
    return first;
  };
  const auto one = inputs(OneByOne);
  EXPECT_EQ(one[0].size(), 16);
  EXPECT_EQ(one[2].size(), 3);
  EXPECT_EQ(inputs(Backwards(4)), one);
}

TEST(RunExamplesTest, ErrorOfReadingEndsIt) {
  const FloatNetwork network = RandomNetwork(1, OpActivation::kRelu);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram program, FloatProgram::Create(&network));
  Examples examples = RandomExamples(2, {8, 8, 3}, 1);
  examples.read = [](int64_t, absl::Span<float>) { return absl::DataLossError("cut off"); };
  const auto observe = [](int64_t, arch::TensorId, absl::Span<const float>) {};
  EXPECT_THAT(RunExamples(program, examples, OneByOne, observe),
              StatusIs(absl::StatusCode::kDataLoss, "cut off"));
  examples.shape = {8, 8, 1};
  EXPECT_THAT(RunExamples(program, examples, OneByOne, observe),
              StatusIs(absl::StatusCode::kInvalidArgument, "8x8x1"));
}

}  // namespace
}  // namespace niwaki::engine
