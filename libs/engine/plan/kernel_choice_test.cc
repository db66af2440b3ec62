#include "libs/engine/plan/kernel_choice.h"

#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

arch::Op Of(arch::OpKind kind) {
  arch::Op op;
  op.kind = kind;
  return op;
}

TEST(KernelChoiceTest, TableIsInTheOrderOfItsKernels) {
  for (int i = 0; i < kNumKernels; ++i) {
    EXPECT_EQ(kKernelFacts[i].kernel, static_cast<Kernel>(i));
  }
}

TEST(KernelChoiceTest, AllKindsButTheBordersHaveAKernel) {
  for (const arch::OpFacts& facts : arch::kOpFacts) {
    const bool border =
        facts.kind == arch::OpKind::kQuantize || facts.kind == arch::OpKind::kDequantize;
    EXPECT_EQ(KernelOf(Of(facts.kind), false) == Kernel::kNone, border) << facts.name;
  }
}

TEST(KernelChoiceTest, WhatIsWrittenInPlaceHasAnotherKernel) {
  const arch::Op depthwise = Of(arch::OpKind::kDepthwiseConv2d);
  EXPECT_EQ(KernelOf(depthwise, false), Kernel::kDepthwise);
  EXPECT_EQ(KernelOf(depthwise, true), Kernel::kDepthwiseInPlace);
  EXPECT_EQ(KernelOf(Of(arch::OpKind::kReshape), false), Kernel::kMemcpy);
  EXPECT_EQ(KernelOf(Of(arch::OpKind::kReshape), true), Kernel::kNone);
  EXPECT_EQ(KernelOf(Of(arch::OpKind::kAdd), true), Kernel::kAdd);
}

TEST(KernelChoiceTest, ActivationsThatAreNoClampsHaveTables) {
  arch::Op op;
  EXPECT_FALSE(HasTable(op));
  op.activation = arch::OpActivation::kRelu6;
  EXPECT_FALSE(HasTable(op));
  op.activation = arch::OpActivation::kHardSwish;
  EXPECT_TRUE(HasTable(op));
  EXPECT_TRUE(HasTable(Of(arch::OpKind::kActivation)));
}

}  // namespace
}  // namespace niwaki::engine
