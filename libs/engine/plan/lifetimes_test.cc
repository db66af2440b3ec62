#include "libs/engine/plan/lifetimes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/streams/test_streams.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;

TEST(LifetimesTest, BlockOverwritesWhatNobodyReadsLater) {
  arch::Graph graph = ImageOf(4, 4, 2);
  AddBlock(graph, 0, 6, 2, 3, 1, /*shortcut=*/true);
  Lifetimes lifetimes;
  lifetimes.Find(graph, {});

  EXPECT_THAT(lifetimes.bytes, ElementsAre(32, 96, 96, 32, 32));
  EXPECT_THAT(lifetimes.first_op, ElementsAre(0, 0, 1, 2, 3));
  EXPECT_THAT(lifetimes.last_use, ElementsAre(3, 1, 2, 3, 3));
  // The depthwise writes over its input, the sum over its first operand.
  EXPECT_THAT(lifetimes.overwrites, ElementsAre(-1, 1, -1, 3));
  EXPECT_THAT(lifetimes.layout_wishes, ElementsAre(kStaysInterleaved, kBesideDepthwise,
                                                   kBesideDepthwise, 0, kStaysInterleaved));
}

TEST(LifetimesTest, ReshapeInPlaceHasTheBytesOfItsInput) {
  arch::Graph graph = ImageOf(4, 4, 2);
  const arch::TensorId flat = AddOp(graph, arch::OpKind::kReshape, 0, 32);
  graph.tensors[flat] = {1, 1, 32};
  AddOp(graph, arch::OpKind::kLinear, flat, 3);
  Lifetimes lifetimes;
  lifetimes.Find(graph, {});

  EXPECT_THAT(lifetimes.root, ElementsAre(0, 0, 2));
  EXPECT_EQ(lifetimes.last_use[0], 1);
  EXPECT_EQ(lifetimes.overwrites[0], 0);
}

}  // namespace
}  // namespace niwaki::engine
