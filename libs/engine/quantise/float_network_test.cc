#include "libs/engine/quantise/float_network.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/test_float_network.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;

FloatNetwork Network() { return RandomNetwork(1, arch::OpActivation::kRelu6); }

std::string Refusal(const FloatNetwork& network) {
  const absl::Status status = Validate(network);
  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  return std::string(status.message());
}

TEST(FloatNetworkTest, NetworkThatFitsIsValid) { EXPECT_THAT(Validate(Network()), IsOk()); }

TEST(FloatNetworkTest, WeightThatIsNotANumberIsNamed) {
  FloatNetwork network = Network();
  network.weights[1].values[5] = std::nanf("");
  EXPECT_EQ(Refusal(network),
            "operator 1 (conv2d) operator0: a weight is not a number (weight[5] nan, needs a "
            "finite number)");
  EXPECT_EQ(GetErrorDetail(Validate(network))->field, "operator 1 (conv2d) operator0: weight[5]");

  network = Network();
  network.weights[2].norm_shift[3] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(Refusal(network), HasSubstr("(bn.bias[3] inf, needs a finite number)"));
}

TEST(FloatNetworkTest, WeightThatIsMissingIsNamed) {
  FloatNetwork network = Network();
  network.weights[0].values.clear();
  EXPECT_EQ(Refusal(network),
            "operator 0 (conv2d) operator0: weights are as many as the shapes say (weight missing, "
            "needs 162 values)");
  network = Network();
  network.weights[4].bias.pop_back();
  EXPECT_THAT(Refusal(network), HasSubstr("operator 6 (linear)"));
  network = Network();
  network.weights.pop_back();
  EXPECT_THAT(Refusal(network), HasSubstr("every weight has values (weights 4, needs 5)"));
}

TEST(FloatNetworkTest, VarianceIsNotNegative) {
  FloatNetwork network = Network();
  network.weights[0].norm_variance[2] = -0.5F;
  EXPECT_THAT(Refusal(network), HasSubstr("bn.running_var[2] -0.5, needs at least 0"));
}

TEST(FloatNetworkTest, ShapesFollowFromInputs) {
  FloatNetwork network = Network();
  network.graph.tensors[1].width = 7;
  EXPECT_THAT(Refusal(network), HasSubstr("(output 8x7x6, needs 8x8x6)"));
  network = Network();
  network.graph.tensors[0].channels = 0;
  EXPECT_THAT(Refusal(network), HasSubstr("a tensor has elements"));
  network = Network();
  network.graph.ops[4].second_input = 2;
  EXPECT_THAT(Refusal(network), HasSubstr("operands are of one shape"));
}

TEST(FloatNetworkTest, KindsOfImportedNetworksAreRefused) {
  FloatNetwork network = Network();
  network.graph.ops[5].kind = arch::OpKind::kTranspose;
  const absl::Status status = Validate(network);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), HasSubstr("operator 5 (transpose)"));
}

}  // namespace
}  // namespace niwaki::engine
