#include "libs/engine/plan/streams/stream_price.h"

#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/streams/test_streams.h"

namespace niwaki::engine {
namespace {

using arch::OpKind;

constexpr StreamPrices kPrices = {
    /*call=*/100,        /*widen_input=*/100, /*widen_weight=*/100,
    /*chunk_pixels=*/10, /*mac=*/200,
    /*output=*/300};

TEST(StreamPriceTest, WholeOperatorIsItsMacsOutputsAndOneCall) {
  arch::Graph graph = ImageOf(4, 5, 2);
  AddOp(graph, OpKind::kConv2d, 0, 3);
  EXPECT_EQ(WholeInstructions(graph, graph.ops[0], kPrices),
            100 + 2 * 4 * 5 * 2 * 3 + 3 * 4 * 5 * 3);
}

TEST(StreamPriceTest, DepthwiseWidensEachRowForEveryWindow) {
  arch::Graph graph = ImageOf(8, 5, 2);
  AddOp(graph, OpKind::kDepthwiseConv2d, 0, 2, 3);
  EXPECT_EQ(StreamingInstructions(graph, graph.ops[0], kPrices), 7 * 100 + (3 * 8 - 8) * 5 * 2);
}

TEST(StreamPriceTest, ShortRowsWidenWeightsMoreOften) {
  arch::Graph graph = ImageOf(8, 5, 2);
  AddOp(graph, OpKind::kConv2d, 0, 3);
  // Eight rows of five pixels against four chunks of ten.
  EXPECT_EQ(StreamingInstructions(graph, graph.ops[0], kPrices), 7 * 100 + (8 - 4) * 2 * 3);
}

}  // namespace
}  // namespace niwaki::engine
