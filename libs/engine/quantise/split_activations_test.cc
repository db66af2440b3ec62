#include "libs/engine/quantise/split_activations.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/float_runner.h"
#include "libs/engine/quantise/test_float_network.h"

namespace niwaki::engine {
namespace {

using arch::OpActivation;
using arch::OpKind;
using ::testing::ElementsAreArray;

TEST(SplitActivationsTest, ClampsStay) {
  const FloatNetwork network = RandomNetwork(1, OpActivation::kRelu6);
  EXPECT_EQ(SplitActivations(network).graph.ops.size(), network.graph.ops.size());
}

TEST(SplitActivationsTest, HardSwishStandsBehindItsConvolution) {
  const FloatNetwork network = RandomNetwork(1, OpActivation::kHardSwish);
  const FloatNetwork split = SplitActivations(network);
  ASSERT_EQ(split.graph.ops.size(), network.graph.ops.size() + 3);
  EXPECT_EQ(split.graph.ops[0].kind, OpKind::kConv2d);
  EXPECT_EQ(split.graph.ops[0].activation, OpActivation::kNone);
  EXPECT_EQ(split.graph.ops[1].kind, OpKind::kActivation);
  EXPECT_EQ(split.graph.ops[1].activation, OpActivation::kHardSwish);
  // Whoever read the convolution reads the activation.
  EXPECT_EQ(split.graph.ops[1].output, network.graph.ops[0].output);
  EXPECT_EQ(split.graph.ops[1].input, split.graph.ops[0].output);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram before, FloatProgram::Create(&network));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram after, FloatProgram::Create(&split));
  FloatRunner fused(&before);
  FloatRunner apart(&after);
  const Examples examples = RandomExamples(4, {8, 8, 3}, 1);
  ASSERT_THAT(examples.read(0, fused.input()), IsOk());
  ASSERT_THAT(examples.read(0, apart.input()), IsOk());
  EXPECT_THAT(apart.Run(), ElementsAreArray(fused.Run()));
}

}  // namespace
}  // namespace niwaki::engine
