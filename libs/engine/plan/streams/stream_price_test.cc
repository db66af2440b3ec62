#include "libs/engine/plan/streams/stream_price.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/streams/test_streams.h"

namespace niwaki::engine {
namespace {

using arch::OpKind;
using ::testing::ElementsAre;

StreamPrices Prices() {
  StreamPrices prices;
  prices.work = {{{{100, 200, 300, 400, 500, 600}},
                  {{100, 200, 300, 400, 500, 0}},
                  {{1000, 0, 0, 0, 0, 0}},
                  {{2000, 100, 0, 0, 0, 0}}}};
  prices.scattered_output = 300;
  prices.scattered_input = 700;
  return prices;
}

TEST(StreamPriceTest, DepthwiseWidensRowsAgainForEveryCall) {
  arch::Graph graph = ImageOf(8, 6, 2);
  AddOp(graph, OpKind::kDepthwiseConv2d, 0, 2, 3);
  const arch::Op& op = graph.ops[0];

  // Rows of 6 columns and 2 of padding, of two channels; 2 fours of outputs a row.
  EXPECT_THAT(StreamWorkOf(graph, op, 8), ElementsAre(1, 2, (8 + 2) * 2 * 2, 16, 32, 32 * 9));
  EXPECT_THAT(StreamWorkOf(graph, op, 1), ElementsAre(8, 16, 8 * 3 * 2 * 2, 16, 32, 32 * 9));
  EXPECT_THAT(StreamWorkOf(graph, op, 4), ElementsAre(2, 4, 2 * 6 * 2 * 2, 16, 32, 32 * 9));
}

TEST(StreamPriceTest, ConvolutionWidensWeightsForEveryChunkOfPixels) {
  arch::Graph graph = ImageOf(8, 40, 6);
  AddOp(graph, OpKind::kConv2d, 0, 3);
  const arch::Op& op = graph.ops[0];

  // 320 pixels of 8 terms, 48 of them a chunk.
  EXPECT_THAT(StreamWorkOf(graph, op, 8),
              ElementsAre(1, 7 * 8 * 3, 320 * 3, 320 * 3 * 8, 320 * 8, 0));
  EXPECT_THAT(StreamWorkOf(graph, op, 2),
              ElementsAre(4, 4 * 2 * 8 * 3, 320 * 3, 320 * 3 * 8, 320 * 8, 0));
  graph.ops[0].SetWindow(3, 1);
  EXPECT_EQ(StreamClassOf(graph.ops[0]), StreamClass::kWindow);
  EXPECT_EQ(StreamWorkOf(graph, graph.ops[0], 8)[3], 320 * 3 * 3 * 20);
}

TEST(StreamPriceTest, PriceIsWhatCallsOfFewRowsAdd) {
  arch::Graph graph = ImageOf(8, 6, 2);
  AddOp(graph, OpKind::kDepthwiseConv2d, 0, 2, 3);
  const arch::Op& op = graph.ops[0];
  const StreamPrices prices = Prices();

  const int64_t whole = WholeInstructions(graph, op, prices);
  EXPECT_EQ(whole, 1 + 2 * 2 + 3 * 40 + 4 * 16 + 5 * 32 + 6 * 288);
  EXPECT_EQ(StreamingInstructions(graph, op, 8, whole, prices), 0);
  EXPECT_EQ(StreamingInstructions(graph, op, 12, whole, prices), 0);
  EXPECT_EQ(StreamingInstructions(graph, op, 4, whole, prices), 1 + 2 * 2 + 3 * 8);
  EXPECT_EQ(StreamingInstructions(graph, op, 1, whole, prices), 7 + 2 * 14 + 3 * 56);
}

TEST(StreamPriceTest, OtherOperatorsCostCallsAndOutputs) {
  arch::Graph graph = ImageOf(8, 6, 2);
  AddSum(graph, 0, 0);

  const int64_t whole = WholeInstructions(graph, graph.ops[0], Prices());
  EXPECT_EQ(whole, 20 + 8 * 6 * 2);
  EXPECT_EQ(StreamingInstructions(graph, graph.ops[0], 2, whole, Prices()), 3 * 20);
}

TEST(StreamPriceTest, DepthwiseBesideASeamIsScattered) {
  arch::Graph graph = ImageOf(8, 6, 2);
  AddOp(graph, OpKind::kConv2d, 0, 3);
  AddOp(graph, OpKind::kDepthwiseConv2d, 1, 3, 3);

  EXPECT_EQ(SeamInstructions(graph, graph.ops[0], false, Prices()), 0);
  EXPECT_EQ(SeamInstructions(graph, graph.ops[0], true, Prices()), 7 * 8 * 6 * 3);
  EXPECT_EQ(SeamInstructions(graph, graph.ops[1], true, Prices()), (7 + 3) * 8 * 6 * 3);
}

}  // namespace
}  // namespace niwaki::engine
