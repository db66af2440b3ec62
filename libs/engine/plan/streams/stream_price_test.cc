#include "libs/engine/plan/streams/stream_price.h"

#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/streams/test_streams.h"

namespace niwaki::engine {
namespace {

using arch::OpKind;

constexpr StreamPrices Prices() {
  StreamPrices prices;
  prices.call = 100;
  prices.channel_row = 7;
  prices.widen_input = 100;
  prices.chunk = 11;
  prices.widen_weight = 200;
  prices.chunk_pixels = 2;
  prices.window_output = 300;
  prices.mac = 200;
  prices.output = 300;
  return prices;
}
constexpr StreamPrices kPrices = Prices();

TEST(StreamPriceTest, WholeOperatorIsItsMacsOutputsAndOneCall) {
  arch::Graph graph = ImageOf(4, 5, 2);
  AddOp(graph, OpKind::kConv2d, 0, 3);
  EXPECT_EQ(WholeInstructions(graph, graph.ops[0], kPrices),
            100 + 2 * 4 * 5 * 2 * 3 + 3 * 4 * 5 * 3);
}

TEST(StreamPriceTest, DepthwiseWidensEachRowForEveryWindow) {
  arch::Graph graph = ImageOf(8, 5, 2);
  AddOp(graph, OpKind::kDepthwiseConv2d, 0, 2, 3);
  EXPECT_EQ(StreamingInstructions(graph, graph.ops[0], 1, kPrices),
            7 * 100 + (3 * 8 - 8) * 5 * 2 + 7 * 2 * 7);
}

TEST(StreamPriceTest, ShortChunksWidenWeightsMoreOften) {
  arch::Graph graph = ImageOf(8, 5, 2);
  AddOp(graph, OpKind::kConv2d, 0, 3);
  // Seven rows more than one, of three chunks.
  EXPECT_EQ(StreamingInstructions(graph, graph.ops[0], 1, kPrices),
            7 * 100 + 7 * 3 * (11 + 2 * 2 * 3));
}

TEST(StreamPriceTest, WindowsArePricedByTheirOutputs) {
  arch::Graph graph = ImageOf(8, 5, 2);
  AddOp(graph, OpKind::kConv2d, 0, 3, 3);
  EXPECT_EQ(StreamingInstructions(graph, graph.ops[0], 1, kPrices), 7 * 100 + 7 * 5 * 3 * 3);
}

}  // namespace
}  // namespace niwaki::engine
