#include "libs/engine/quantise/quantise_network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/float_runner.h"
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

QuantiseOptions Plain() {
  QuantiseOptions options;
  options.ranges = RangeMethod::kMinMax;
  options.equalise = false;
  options.correct_bias = false;
  return options;
}

// Input 0 to 255 at scale 1; relu(x / 2) of 0 to 127.5 at scale 0.5; 2 y - 1 of -1 to 254 at
// scale 1.
TEST(QuantiseNetworkTest, TwoLayersByHand) {
  FloatNetworkBuilder builder({1, 1, 1});
  builder.Conv(1, 1, OpActivation::kRelu, Weight({0.5F}, {0}));
  builder.Conv(1, 1, OpActivation::kNone, Weight({2}, {-1}));
  const Examples examples = ExamplesFrom({1, 1, 1}, {{0}, {255}, {100}});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedNetwork network,
                              QuantiseNetwork(builder.Build(), examples, Plain(), OneByOne));
  EXPECT_THAT(network.tensors, ElementsAre(Quantisation{1, -128}, Quantisation{0.5F, -128},
                                           Quantisation{1, -127}));
  EXPECT_THAT(network.weights[0].values, ElementsAre(127));
  EXPECT_THAT(network.weights[0].scales, ElementsAre(0.5F / 127));
  EXPECT_THAT(network.weights[0].biases, ElementsAre(0));
  EXPECT_THAT(network.weights[1].values, ElementsAre(127));
  // -1 in units of 0.5 * 2 / 127.
  EXPECT_THAT(network.weights[1].biases, ElementsAre(-127));
  NIWAKI_ASSERT_OK_AND_ASSIGN(HostRunner runner, HostRunner::Create(&network));
  // 100: 50 after the first, 99 in the end.
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto output, runner.Run({100 - 128}));
  EXPECT_THAT(output, ElementsAre(99 - 127));
}

// Levels of `network` on an example, as numbers.
std::vector<float> Int8Outputs(const QuantisedNetwork& network, const std::vector<float>& input) {
  auto runner = HostRunner::Create(&network);
  EXPECT_THAT(runner, IsOk());
  const Quantisation& in = network.tensors[network.graph.input];
  std::vector<int8_t> levels;
  for (const float value : input) {
    const float level = std::round(value / in.scale) + static_cast<float>(in.zero_point);
    levels.push_back(static_cast<int8_t>(std::clamp(level, -128.0F, 127.0F)));
  }
  const auto output = runner->Run(levels);
  EXPECT_THAT(output, IsOk());
  const Quantisation& out = network.tensors[network.graph.output];
  std::vector<float> values;
  for (const int8_t level : *output) {
    values.push_back(out.scale * static_cast<float>(level - out.zero_point));
  }
  return values;
}

// The mean squared difference of int8 and float outputs, as a part of the mean square of float.
double RelativeError(const FloatNetwork& network, const QuantisedNetwork& quantised,
                     const Examples& examples) {
  const auto program = FloatProgram::Create(&network);
  EXPECT_THAT(program, IsOk());
  FloatRunner runner(&*program);
  double error = 0;
  double square = 0;
  for (int64_t i = 0; i < examples.count; ++i) {
    EXPECT_THAT(examples.read(i, runner.input()), IsOk());
    const std::vector<float> input(runner.input().begin(), runner.input().end());
    const auto expected = runner.Run();
    const std::vector<float> actual = Int8Outputs(quantised, input);
    for (size_t c = 0; c < actual.size(); ++c) {
      error += std::pow(actual[c] - expected[c], 2);
      square += std::pow(expected[c], 2);
    }
  }
  return error / square;
}

class QuantisedNetworkTest : public ::testing::TestWithParam<OpActivation> {};

TEST_P(QuantisedNetworkTest, FollowsFloat) {
  const FloatNetwork network = RandomNetwork(31, GetParam());
  const Examples examples = RandomExamples(32, {8, 8, 3}, 64);
  for (const RangeMethod ranges :
       {RangeMethod::kMinMax, RangeMethod::kPercentile, RangeMethod::kLeastSquares}) {
    QuantiseOptions options;
    options.ranges = ranges;
    NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedNetwork quantised,
                                QuantiseNetwork(network, examples, options, OneByOne));
    EXPECT_LT(RelativeError(network, quantised, examples), 0.01) << RangeMethodName(ranges);
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, QuantisedNetworkTest,
                         ::testing::Values(OpActivation::kRelu, OpActivation::kRelu6,
                                           OpActivation::kHardSwish, OpActivation::kLogistic));

std::string BytesOf(const QuantisedNetwork& network) {
  std::string bytes;
  const auto append = [&](const auto& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()),
                 values.size() * sizeof(values[0]));
  };
  append(network.tensors);
  for (const QuantisedWeight& weight : network.weights) {
    append(weight.values);
    append(weight.scales);
    append(weight.biases);
  }
  return bytes;
}

TEST(QuantiseNetworkTest, EqualArgumentsGiveEqualBytesOnAnyNumberOfThreads) {
  const FloatNetwork network = RandomNetwork(41, OpActivation::kHardSwish);
  const Examples examples = RandomExamples(42, {8, 8, 3}, 70);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedNetwork once,
                              QuantiseNetwork(network, examples, {}, OneByOne));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedNetwork twice,
                              QuantiseNetwork(network, examples, {}, OneByOne));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedNetwork on_four,
                              QuantiseNetwork(network, examples, {}, Backwards(4)));
  EXPECT_EQ(BytesOf(twice), BytesOf(once));
  EXPECT_EQ(BytesOf(on_four), BytesOf(once));
}

// A gate of squeeze-excite: pool, two convolutions, hard-sigmoid, product.
TEST(QuantiseNetworkTest, GateHasTheScaleOfItsKernel) {
  FloatNetworkBuilder builder({4, 4, 2});
  builder.Pool();
  builder.Conv(1, 1, OpActivation::kRelu, Weight({1, 1}, {0}));
  builder.Conv(2, 1, OpActivation::kHardSigmoid, Weight({2, -2}, {0, 0}));
  const arch::TensorId gate = builder.current();
  FloatNetwork network = builder.Build();
  arch::Op product;
  product.kind = OpKind::kMul;
  product.input = 0;
  product.second_input = gate;
  product.output = network.graph.output = gate + 1;
  network.graph.ops.push_back(product);
  network.graph.tensors.push_back({4, 4, 2});
  const Examples examples = RandomExamples(6, {4, 4, 2}, 40);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const QuantisedNetwork quantised,
                              QuantiseNetwork(network, examples, {}, OneByOne));
  EXPECT_EQ(quantised.tensors[gate], (Quantisation{1.0F / 256, -128}));
  EXPECT_EQ(quantised.graph.ops[3].kind, OpKind::kActivation);
  EXPECT_LT(RelativeError(network, quantised, examples), 0.01);
}

TEST(QuantiseNetworkTest, ConstantTensorsHaveScales) {
  FloatNetworkBuilder builder({1, 1, 1});
  // Always 0, then always 3.
  builder.Conv(1, 1, OpActivation::kRelu, Weight({0}, {0}));
  builder.Conv(1, 1, OpActivation::kNone, Weight({1}, {3}));
  const FloatNetwork network = builder.Build();
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const QuantisedNetwork quantised,
      QuantiseNetwork(network, ExamplesFrom({1, 1, 1}, {{0}, {0}}), {}, OneByOne));
  EXPECT_THAT(Int8Outputs(quantised, {0}), ElementsAre(::testing::FloatNear(3, 0.02)));
}

TEST(QuantiseNetworkTest, BadInputIsRefusedByName) {
  const FloatNetwork network = RandomNetwork(1, OpActivation::kRelu);
  const auto refusal = [](const FloatNetwork& bad, const Examples& examples) {
    return QuantiseNetwork(bad, examples, {}, OneByOne).status();
  };
  EXPECT_THAT(refusal(network, ExamplesFrom({8, 8, 3}, {})),
              StatusIs(absl::StatusCode::kInvalidArgument, "no calibration examples"));
  EXPECT_THAT(refusal(network, RandomExamples(1, {8, 8, 1}, 1)),
              StatusIs(absl::StatusCode::kInvalidArgument, "8x8x1, the network reads 8x8x3"));
  const Examples examples = RandomExamples(1, {8, 8, 3}, 1);
  FloatNetwork bad = network;
  bad.weights[3].values[1] = std::nanf("");
  EXPECT_THAT(refusal(bad, examples),
              StatusIs(absl::StatusCode::kInvalidArgument, "operator 3 (conv2d)"));
  bad = network;
  bad.weights[0].values = {};
  EXPECT_THAT(refusal(bad, examples),
              StatusIs(absl::StatusCode::kInvalidArgument, "weight missing"));
  bad = network;
  // Finite, but not when it is folded.
  bad.weights[0].norm_variance[0] = 0;
  bad.batch_norm_eps = 0;
  EXPECT_THAT(refusal(bad, examples),
              StatusIs(absl::StatusCode::kInvalidArgument, "a weight is not a number"));
  bad = network;
  for (float& value : bad.weights[0].norm_scale) value = std::numeric_limits<float>::max();
  EXPECT_THAT(refusal(bad, examples).code(), ::testing::AnyOf(
      absl::StatusCode::kInvalidArgument, absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace niwaki::engine
