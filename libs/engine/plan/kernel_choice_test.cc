#include "libs/engine/plan/kernel_choice.h"

#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {
namespace {

constexpr int64_t kPlenty = 1 << 20;

arch::Op Of(arch::OpKind kind, int kernel = 1, int stride = 1) {
  arch::Op op;
  op.kind = kind;
  op.SetWindow(kernel, stride);
  op.input = 0;
  op.output = 1;
  return op;
}

struct Case {
  bool overwrites = false;
  int64_t scratch_bytes = kPlenty;
  int channels = 8;
};

Kernel Chosen(const arch::Op& op, KernelSet set, const Case& c = {}) {
  arch::Graph graph;
  graph.tensors = {{8, 8, c.channels}, {8, 8, 8}};
  graph.ops = {op};
  graph.output = 1;
  MemoryPlan plan;
  plan.overwrites = {c.overwrites ? 0 : -1};
  plan.scratch.resize(1);
  plan.scratch[0].size_bytes = c.scratch_bytes;
  return KernelOf(graph, plan, 0, set);
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
    for (const KernelSet set : {KernelSet::kFast, KernelSet::kPlain}) {
      EXPECT_EQ(Chosen(Of(facts.kind), set) == Kernel::kNone, border) << facts.name;
    }
  }
}

TEST(KernelChoiceTest, WhatIsWrittenInPlaceHasAnotherKernel) {
  const Case in_place = {/*overwrites=*/true};
  const arch::Op depthwise = Of(arch::OpKind::kDepthwiseConv2d, 3);
  EXPECT_EQ(Chosen(depthwise, KernelSet::kPlain), Kernel::kDepthwise);
  EXPECT_EQ(Chosen(depthwise, KernelSet::kPlain, in_place), Kernel::kDepthwiseInPlace);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kReshape), KernelSet::kPlain), Kernel::kMemcpy);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kReshape), KernelSet::kPlain, in_place), Kernel::kNone);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kAdd), KernelSet::kPlain, in_place), Kernel::kAdd);
}

TEST(KernelChoiceTest, FastKernelsAreTakenWhereThereAreSome) {
  EXPECT_EQ(Chosen(Of(arch::OpKind::kConv2d), KernelSet::kFast), Kernel::kFastPointwise);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kConv2d, 3, 2), KernelSet::kFast), Kernel::kFastWindow);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kLinear), KernelSet::kFast), Kernel::kFastLinear);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kDepthwiseConv2d, 5, 2), KernelSet::kFast),
            Kernel::kFastDepthwise);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kAdd), KernelSet::kFast), Kernel::kFastAdd);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kMul), KernelSet::kFast), Kernel::kFastMultiply);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kMaxPool, 3, 2), KernelSet::kFast), Kernel::kFastMaxPool);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kConv2d), KernelSet::kPlain), Kernel::kConvolution);
}

TEST(KernelChoiceTest, WhatFastKernelsDoNotTakeIsPlain) {
  EXPECT_EQ(Chosen(Of(arch::OpKind::kDepthwiseConv2d, 9), KernelSet::kFast), Kernel::kDepthwise);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kDepthwiseConv2d, 3, 3), KernelSet::kFast), Kernel::kDepthwise);
  Case many;
  many.channels = 1 << 16;
  EXPECT_EQ(Chosen(Of(arch::OpKind::kConv2d), KernelSet::kFast, many), Kernel::kConvolution);
  EXPECT_EQ(Chosen(Of(arch::OpKind::kLinear), KernelSet::kFast, many), Kernel::kConvolution);
}

TEST(KernelChoiceTest, WithoutScratchMemoryKernelsArePlain) {
  Case none;
  none.scratch_bytes = 0;
  EXPECT_EQ(Chosen(Of(arch::OpKind::kConv2d), KernelSet::kFast, none), Kernel::kConvolution);
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
