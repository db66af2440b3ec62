#include "libs/engine/emit/stream_code.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;

// A depthwise 3x3 of stride 2 and a pointwise convolution, of 8 rows.
arch::Graph Block() {
  arch::Graph graph;
  graph.tensors = {{8, 8, 4}, {4, 4, 4}, {4, 4, 4}};
  for (int i = 0; i < 2; ++i) {
    arch::Op op;
    op.input = i;
    op.output = i + 1;
    graph.ops.push_back(op);
  }
  graph.ops[0].kind = arch::OpKind::kDepthwiseConv2d;
  graph.ops[0].SetWindow(/*kernel_size=*/3, /*stride=*/2);
  graph.output = 2;
  return graph;
}

TEST(StreamCodeTest, TableSaysWhatEachRowNeeds) {
  const std::string code = CodeOfStream(Block(), {RunMode::kRows, 0, 2}, /*image_by_rows=*/false);
  EXPECT_THAT(code, HasSubstr("static void stream_0(int8_t* arena"));
  EXPECT_THAT(code, HasSubstr("stages[2] = {\n      {run_0, 4, 1, 2, 2, {-1, -1}, 0, 0},\n"
                              "      {run_1, 4, 1, 1, 1, {0, -1}, 1, 0},\n"));
}

TEST(StreamCodeTest, ImageIsTheFirstStageWhereItComesByRows) {
  const std::string code = CodeOfStream(Block(), {RunMode::kRows, 0, 2}, /*image_by_rows=*/true);
  EXPECT_THAT(code, HasSubstr("stages[3] = {\n      {0, 8, 1, 1, 1, {-1, -1}, -1, 0},\n"
                              "      {run_0, 4, 1, 2, 2, {0, -1}, 0, 0},\n"));
}

TEST(StreamCodeTest, CallsComputeTheRowsOfTheSegment) {
  const std::string code = CodeOfStream(Block(), {RunMode::kRows, 0, 2, 4}, /*image_by_rows=*/true);
  EXPECT_THAT(code, HasSubstr("      {0, 8, 4, 1, 1, {-1, -1}, -1, 0},\n"
                              "      {run_0, 4, 4, 2, 2, {0, -1}, 0, 0},\n"));
}

TEST(StreamCodeTest, WhatIsReadBehindTheSegmentIsFinished) {
  arch::Graph graph = Block();
  arch::Op add;
  add.kind = arch::OpKind::kAdd;
  add.input = 1;
  add.second_input = 2;
  add.output = 3;
  graph.tensors.push_back({4, 4, 4});
  graph.ops.push_back(add);
  graph.output = 3;
  EXPECT_THAT(CodeOfStream(graph, {RunMode::kRows, 0, 2}, false),
              HasSubstr("{run_0, 4, 1, 2, 2, {-1, -1}, 0, 1}"));
}

}  // namespace
}  // namespace niwaki::engine
