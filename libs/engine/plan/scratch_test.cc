#include "libs/engine/plan/scratch.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "libs/kernels/convolution.h"

namespace niwaki::engine {
namespace {

int64_t ScratchOf(arch::OpKind kind, int kernel_size) {
  arch::Graph graph;
  graph.tensors = {{10, 12, 16}, {10, 12, 16}};
  arch::Op op;
  op.kind = kind;
  op.SetWindow(kernel_size, /*stride=*/1);
  op.input = 0;
  op.output = 1;
  return ScratchBytes(graph, op);
}

TEST(ScratchTest, FollowsTheTable) {
  // Inputs of nine pixels, where those are not too few.
  EXPECT_EQ(ScratchOf(arch::OpKind::kConv2d, 1), 640);
  EXPECT_EQ(ScratchOf(arch::OpKind::kConv2d, 3), 9 * 9 * 16 * 2);
  // Twelve lines of 16 columns, with room for the windows of four outputs behind; a plane is less.
  EXPECT_EQ(ScratchOf(arch::OpKind::kDepthwiseConv2d, 5), 12 * ((16 + 9) / 4) * 8);
  EXPECT_EQ(ScratchOf(arch::OpKind::kLinear, 1), 10 * 12 * 16 * 2);
  EXPECT_EQ(ScratchOf(arch::OpKind::kAdd, 1), 0);
  EXPECT_EQ(ScratchOf(arch::OpKind::kMul, 1), 0);
  EXPECT_EQ(ScratchOf(arch::OpKind::kGlobalAvgPool, 1), 0);
}

TEST(ScratchTest, AgreesWithTheKernelsExpressions) {
  EXPECT_EQ(ScratchOf(arch::OpKind::kConv2d, 1), NW_POINTWISE_SCRATCH(16));
  EXPECT_EQ(ScratchOf(arch::OpKind::kConv2d, 3), NW_CONVOLUTION_SCRATCH(3, 3, 16));
  EXPECT_EQ(ScratchOf(arch::OpKind::kDepthwiseConv2d, 5), NW_DEPTHWISE_ROWS_SCRATCH(12 + 4));
  EXPECT_EQ(ScratchOf(arch::OpKind::kLinear, 1), NW_LINEAR_SCRATCH(10 * 12 * 16));
}

TEST(ScratchTest, RectanglesAndUnevenPaddingCount) {
  arch::Graph graph;
  graph.tensors = {{10, 12, 16}, {10, 12, 16}};
  arch::Op op;
  op.input = 0;
  op.output = 1;
  op.kernel_h = 3;
  op.kernel_w = 1;
  op.padding = {2, 0, 0, 1};

  EXPECT_EQ(ScratchBytes(graph, op), 9 * 3 * 16 * 2);

  op.kind = arch::OpKind::kDepthwiseConv2d;
  // Rows of the fast kernel: of 13 columns, with room for the windows of four outputs behind.
  EXPECT_EQ(ScratchBytes(graph, op), std::max((10 + 2) * (12 + 1) * 2, 12 * ((13 + 9) / 4) * 8));

  // Not pointwise: its windows see padding.
  op.kind = arch::OpKind::kConv2d;
  op.kernel_h = 1;
  EXPECT_EQ(ScratchBytes(graph, op), 640);
}

// The kernel takes it as a window of one pixel, whose inputs are gathered: as much as any 1x1.
TEST(ScratchTest, PointwiseConvolutionOfStrideTwoHasRoomForItsInputs) {
  arch::Graph graph;
  graph.tensors = {{11, 13, 16}, {6, 7, 24}};
  arch::Op op;
  op.input = 0;
  op.output = 1;
  op.stride_h = 2;
  op.stride_w = 2;

  EXPECT_EQ(ScratchBytes(graph, op), NW_CONVOLUTION_SCRATCH(1, 1, 16));
  // A row has fewer than eight pixels.
  EXPECT_EQ(ScratchBytesOfRows(graph, op, 1), NW_LEAST_CONVOLUTION_SCRATCH(1, 1, 16));
  EXPECT_EQ(ScratchBytesOfRows(graph, op, 2), NW_CONVOLUTION_SCRATCH(1, 1, 16));
}

}  // namespace
}  // namespace niwaki::engine
