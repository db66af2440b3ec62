#include "libs/engine/plan/kernel_files.h"

#include "gtest/gtest.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {
namespace {

arch::Op OpOf(arch::OpKind kind, int kernel, int stride) {
  arch::Op op;
  op.kind = kind;
  op.SetWindow(kernel, stride);
  op.input = 0;
  op.output = 1;
  return op;
}

arch::Graph OneOperator() {
  arch::Graph graph;
  graph.tensors = {{10, 12, 16}, {10, 12, 16}};
  return graph;
}

TEST(KernelFilesTest, FastKernelsAreTakenWhereThereAreSome) {
  const arch::Graph graph = OneOperator();
  const arch::Op pointwise = OpOf(arch::OpKind::kConv2d, 1, 1);
  EXPECT_EQ(KernelFileOf(graph, pointwise, KernelSet::kFast), "fast/pointwise");
  EXPECT_EQ(KernelFileOf(graph, pointwise, KernelSet::kPlain), "convolution");
  const arch::Op depthwise = OpOf(arch::OpKind::kDepthwiseConv2d, 5, 2);
  EXPECT_EQ(KernelFileOf(graph, depthwise, KernelSet::kFast), "fast/depthwise");
  EXPECT_EQ(KernelFileOf(graph, depthwise, KernelSet::kPlain), "convolution");
}

TEST(KernelFilesTest, WindowsThatFastKernelsDoNotTakeArePlain) {
  const arch::Graph graph = OneOperator();
  EXPECT_EQ(KernelFileOf(graph, OpOf(arch::OpKind::kDepthwiseConv2d, 9, 1), KernelSet::kFast),
            "convolution");
  EXPECT_EQ(KernelFileOf(graph, OpOf(arch::OpKind::kDepthwiseConv2d, 3, 3), KernelSet::kFast),
            "convolution");
}

TEST(KernelFilesTest, WhatMovesNothingHasNoKernel) {
  const arch::Graph graph = OneOperator();
  EXPECT_EQ(KernelFileOf(graph, OpOf(arch::OpKind::kReshape, 1, 1), KernelSet::kFast), "");
  EXPECT_EQ(KernelFileOf(graph, OpOf(arch::OpKind::kPad, 1, 1), KernelSet::kFast), "movement");
}

}  // namespace
}  // namespace niwaki::engine
