#include "libs/engine/plan/schedule.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;

// A pointwise convolution, a depthwise 3x3 of stride 2 and their pointwise end, of 8 rows.
arch::Graph Block() {
  arch::Graph graph;
  graph.tensors = {{8, 8, 4}, {8, 8, 16}, {4, 4, 16}, {4, 4, 4}};
  for (int i = 0; i < 3; ++i) {
    arch::Op op;
    op.input = i;
    op.output = i + 1;
    graph.ops.push_back(op);
  }
  graph.ops[1].kind = arch::OpKind::kDepthwiseConv2d;
  graph.ops[1].SetWindow(/*kernel_size=*/3, /*stride=*/2);
  graph.output = 3;
  return graph;
}

std::string TextOf(const std::vector<Step>& steps) {
  std::string text;
  for (const Step& step : steps) {
    absl::StrAppend(&text, step.op, "[", step.rows.begin, ",", step.rows.end, ") ");
  }
  return text;
}

TEST(ScheduleTest, WholeOperatorsRunInOrder) {
  const arch::Graph graph = Block();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto steps, StepsOf(graph, WholeSchedule(graph)));

  EXPECT_EQ(TextOf(steps), "0[0,8) 1[0,4) 2[0,4) ");
}

TEST(ScheduleTest, ChainOfRowsComputesWhatTheNextRowNeeds) {
  const arch::Graph graph = Block();
  const Schedule schedule = {{{RunMode::kRows, 0, 3}}};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto steps, StepsOf(graph, schedule));

  EXPECT_EQ(TextOf(steps),
            "0[0,1) 0[1,2) 1[0,1) 2[0,1) 0[2,3) 0[3,4) 1[1,2) 2[1,2) "
            "0[4,5) 0[5,6) 1[2,3) 2[2,3) 0[6,7) 0[7,8) 1[3,4) 2[3,4) ");
}

TEST(ScheduleTest, ResidualIsComputedOnce) {
  arch::Graph graph = Block();
  graph.ops[1].SetWindow(/*kernel_size=*/3, /*stride=*/1);
  graph.tensors = {{2, 2, 4}, {2, 2, 4}, {2, 2, 4}, {2, 2, 4}};
  graph.ops[2].kind = arch::OpKind::kAdd;
  graph.ops[2].second_input = 1;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto steps, StepsOf(graph, {{{RunMode::kRows, 0, 3}}}));

  EXPECT_EQ(TextOf(steps), "0[0,1) 0[1,2) 1[0,1) 2[0,1) 1[1,2) 2[1,2) ");
}

TEST(ScheduleTest, RowsBelowThatNobodyReadsAreNotComputed) {
  arch::Graph graph = Block();
  graph.ops[1].kind = arch::OpKind::kMaxPool;
  graph.ops[1].kernel_h = graph.ops[1].kernel_w = 1;
  graph.ops[1].padding = {};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto steps, StepsOf(graph, {{{RunMode::kRows, 0, 3, 4}}}));

  EXPECT_EQ(TextOf(steps), "0[0,4) 0[4,7) 1[0,4) 2[0,4) ");
}

TEST(ScheduleTest, SegmentsMustHoldEveryOperatorOnce) {
  const Segment first = {RunMode::kWhole, 0, 2};
  NIWAKI_EXPECT_OK(Validate({{first, {RunMode::kRows, 2, 3}}}, 3));

  EXPECT_THAT(std::string(Validate({{first}}, 3).message()),
              HasSubstr("segment 1 of the schedule: first_op 2, needs segments up to operator 3"));
  EXPECT_THAT(std::string(Validate({{first, {RunMode::kRows, 1, 3}}}, 3).message()),
              HasSubstr("segment 1 of the schedule: first_op 1, needs 2"));
  EXPECT_THAT(std::string(Validate({{first, {RunMode::kRows, 2, 4}}}, 3).message()),
              HasSubstr("end_op 4, needs 3 to 3"));
  EXPECT_THAT(std::string(Validate({{{RunMode::kRows, 0, 3, 0}}}, 3).message()),
              HasSubstr("rows_at_a_time 0"));
}

TEST(ScheduleTest, TextSaysHowOperatorsRun) {
  EXPECT_EQ(
      ScheduleText({{{RunMode::kRows, 0, 3}, {RunMode::kWhole, 3, 4}, {RunMode::kRows, 4, 6, 4}}}),
      "operators 0 to 2 row by row, 3 whole, 4 to 5 by 4 rows");
}

TEST(ScheduleTest, PatchesHaveNoSteps) {
  EXPECT_THAT(StepsOf(Block(), {{{RunMode::kPatches, 0, 3, 1, 2, 2}}}),
              StatusIs(absl::StatusCode::kUnimplemented, "patches"));
}

}  // namespace
}  // namespace niwaki::engine
