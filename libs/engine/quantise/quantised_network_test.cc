#include "libs/engine/quantise/quantised_network.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const QuantisedNetwork& network) {
  return std::string(Validate(network).message());
}

TEST(ValidateTest, NetworkThatFitsIsValid) { NIWAKI_ASSERT_OK(Validate(OneConvolution())); }

TEST(ValidateTest, ScalesAreFiniteAndAboveZero) {
  for (const float scale : {0.0F, -1.0F, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    QuantisedNetwork network = OneConvolution();
    network.tensors[1].scale = scale;
    EXPECT_THAT(Refusal(network), HasSubstr("scale")) << scale;
  }
  QuantisedNetwork network = OneConvolution();
  network.weights[0].scales[0] = std::nanf("");
  EXPECT_THAT(Refusal(network), HasSubstr("operator 0 (conv2d): a weight needs a scale"));
}

TEST(ValidateTest, OperatorIsNamedByIndexAndKind) {
  QuantisedNetwork network = OneConvolution();
  network.weights[0].values.pop_back();
  const absl::Status status = Validate(network);
  EXPECT_EQ(status.message(),
            "operator 0 (conv2d): weights are as many as the shapes say (weights 1, needs 2)");
  EXPECT_EQ(GetErrorDetail(status)->value, "1");
  EXPECT_EQ(GetErrorDetail(status)->limit, "2");
}

TEST(ValidateTest, TensorsAreWrittenOnceAndBeforeTheyAreRead) {
  QuantisedNetwork network = OneConvolution();
  network.graph.ops[0].input = 1;
  EXPECT_THAT(Refusal(network), HasSubstr("read before it is written"));
  network = OneConvolution();
  network.graph.ops.push_back(network.graph.ops[0]);
  EXPECT_THAT(Refusal(network), HasSubstr("written twice"));
  network = OneConvolution();
  network.graph.ops[0].output = 7;
  EXPECT_THAT(Refusal(network), HasSubstr("no such tensor"));
}

TEST(ValidateTest, LinearLayersReadOnePixel) {
  QuantisedNetwork network = OneConvolution();
  network.graph.ops[0].kind = arch::OpKind::kLinear;
  NIWAKI_ASSERT_OK(Validate(network));

  network.graph.tensors[0] = {2, 3, 2};
  EXPECT_THAT(Refusal(network), HasSubstr("operator 0 (linear): a linear layer reads one pixel "
                                          "(input 2x3x2, needs 1x1x2)"));
}

TEST(ValidateTest, PoolsKeepTheScale) {
  NIWAKI_ASSERT_OK(Validate(WithOperator(arch::OpKind::kGlobalAvgPool, {1, 0})));
  EXPECT_THAT(Refusal(WithOperator(arch::OpKind::kGlobalAvgPool, {2, 0})),
              HasSubstr("operator 1 (global_avg_pool): input and output have one scale"));
  NIWAKI_ASSERT_OK(Validate(WithOperator(arch::OpKind::kReshape, {2, 0})));
}

TEST(ValidateTest, BiasesAndZeroPointsAreChecked) {
  QuantisedNetwork network = OneConvolution();
  network.weights[0].biases.clear();
  EXPECT_THAT(Refusal(network), HasSubstr("every output channel has a bias"));
  network = OneConvolution();
  network.tensors[0].zero_point = 128;
  EXPECT_THAT(Refusal(network), HasSubstr("a zero point is an int8"));
}

}  // namespace
}  // namespace niwaki::engine
