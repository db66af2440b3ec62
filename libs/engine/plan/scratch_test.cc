#include "libs/engine/plan/scratch.h"

#include "gtest/gtest.h"

namespace niwaki::engine {
namespace {

int64_t ScratchOf(arch::OpKind kind, int kernel_size) {
  arch::Graph graph;
  graph.tensors = {{10, 12, 16}, {10, 12, 16}};
  arch::Op op;
  op.kind = kind;
  op.kernel_size = kernel_size;
  op.input = 0;
  op.output = 1;
  return ScratchBytes(graph, op);
}

TEST(ScratchTest, FollowsTheTable) {
  EXPECT_EQ(ScratchOf(arch::OpKind::kConv2d, 1), 4 * 16 * 2);
  EXPECT_EQ(ScratchOf(arch::OpKind::kConv2d, 3), 2 * 9 * 16 * 2);
  EXPECT_EQ(ScratchOf(arch::OpKind::kDepthwiseConv2d, 5), (10 + 4) * (12 + 4) * 2);
  EXPECT_EQ(ScratchOf(arch::OpKind::kLinear, 1), 16 * 2);
  EXPECT_EQ(ScratchOf(arch::OpKind::kAdd, 1), 0);
  EXPECT_EQ(ScratchOf(arch::OpKind::kMul, 1), 0);
  EXPECT_EQ(ScratchOf(arch::OpKind::kGlobalAvgPool, 1), 0);
}

}  // namespace
}  // namespace niwaki::engine
