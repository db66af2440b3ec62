#include "libs/latency/operator_class.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"

namespace niwaki::latency {
namespace {

arch::Op Windowed(arch::OpKind kind, int kernel, int stride,
                  arch::OpActivation activation = arch::OpActivation::kNone) {
  arch::Op op;
  op.kind = kind;
  op.activation = activation;
  op.SetWindow(kernel, stride);
  return op;
}

std::string NameOf(const arch::Op& op) { return OperatorClassName(OperatorClassOf(op)); }

TEST(OperatorClassTest, NameTellsKindWindowStrideAndClamp) {
  using arch::OpActivation;
  using arch::OpKind;
  EXPECT_EQ(NameOf(Windowed(OpKind::kConv2d, 1, 1)), "conv2d_1x1");
  EXPECT_EQ(NameOf(Windowed(OpKind::kConv2d, 3, 2, OpActivation::kRelu6)), "conv2d_3x3_s2_clamped");
  EXPECT_EQ(NameOf(Windowed(OpKind::kDepthwiseConv2d, 7, 1, OpActivation::kRelu)),
            "depthwise_conv2d_7x7_clamped");
  // A table behind the convolution, which saturates only.
  EXPECT_EQ(NameOf(Windowed(OpKind::kConv2d, 5, 1, OpActivation::kHardSwish)), "conv2d_5x5");
  EXPECT_EQ(NameOf(Windowed(OpKind::kSoftmax, 1, 1)), "softmax");
  EXPECT_EQ(NameOf(Windowed(OpKind::kLinear, 1, 1, OpActivation::kRelu)), "linear_clamped");
}

TEST(OperatorClassTest, OtherWindowsHaveNoName) {
  arch::Op op = Windowed(arch::OpKind::kConv2d, 3, 1);
  op.kernel_h = 10;
  EXPECT_EQ(NameOf(op), "");
  EXPECT_EQ(NameOf(Windowed(arch::OpKind::kMaxPool, 2, 2)), "");
  EXPECT_EQ(NameOf(Windowed(arch::OpKind::kConv2d, 3, 4)), "");
}

TEST(OperatorClassTest, NamesComeBackAndAreDifferent) {
  std::set<std::string> names;
  for (int i = 0; i < kNumOperatorClasses; ++i) {
    const std::string name = OperatorClassName(i);
    if (name.empty()) continue;
    EXPECT_EQ(OperatorClassNamed(name), i) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
    // As models take it.
    EXPECT_LE(name.size(), 63);
  }
  EXPECT_EQ(OperatorClassNamed(""), -1);
  EXPECT_EQ(OperatorClassNamed("conv2d_9x9"), -1);
}

TEST(OperatorClassTest, TablesAreOneClass) {
  EXPECT_EQ(OperatorClassName(TableLookUpClass()), "activation");
  EXPECT_EQ(NameOf(Windowed(arch::OpKind::kActivation, 1, 1, arch::OpActivation::kHardSwish)),
            "activation");
}

TEST(OperatorClassTest, WindowsOfOnePixelArePointwise) {
  EXPECT_TRUE(IsPointwiseClass(OperatorClassOf(Windowed(arch::OpKind::kConv2d, 1, 2))));
  EXPECT_FALSE(IsPointwiseClass(OperatorClassOf(Windowed(arch::OpKind::kConv2d, 3, 1))));
}

}  // namespace
}  // namespace niwaki::latency
