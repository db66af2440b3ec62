#include "libs/engine/plan/streams/row_streams.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/schedule.h"
#include "libs/engine/plan/streams/test_streams.h"

namespace niwaki::engine {
namespace {

using arch::Graph;
using arch::OpKind;
using arch::TensorId;

constexpr PlanOptions kBytes = {.scratch = false, .alignment = 1};

class RowStreamsTest : public ::testing::Test {
 protected:
  void Find(const Graph& graph, const PlanOptions& options = kBytes) {
    graph_ = graph;
    options_ = options;
    lifetimes_.Find(graph_, options_);
    streams_.Find(graph_, lifetimes_, options_);
  }

  // The whole network as one segment, by index of kRowsOfCalls.
  SegmentMemory Whole(size_t rows = 0) {
    SegmentScan scan(streams_, static_cast<int>(graph_.ops.size()));
    while (scan.Extend()) {
    }
    EXPECT_EQ(scan.first_op(), 0);
    const SegmentMemory memory = scan.Memory();
    return rows == 0 ? memory : scan.MemoryOf(rows, memory);
  }

  Graph graph_;
  PlanOptions options_;
  Lifetimes lifetimes_;
  RowStreams streams_;
};

// What the steps of a segment say, counted: by tensor, for each row, the step that writes it and
// the last that reads it; -1 for none.
struct Replay {
  explicit Replay(const Graph& graph, int rows_of_call = 1)
      : steps(*StepsOf(graph,
                       {{{RunMode::kRows, 0, static_cast<int>(graph.ops.size()), rows_of_call}}})) {
    for (const arch::TensorShape& shape : graph.tensors) {
      written.emplace_back(shape.height, -1);
      read.emplace_back(shape.height, -1);
    }
    for (int s = 0; s < static_cast<int>(steps.size()); ++s) {
      const arch::Op& op = graph.ops[steps[s].op];
      for (int y = steps[s].rows.begin; y < steps[s].rows.end; ++y) written[op.output][y] = s;
      for (const TensorId input : arch::InputsOf(graph, op)) {
        const arch::RowRange rows = RowsRead(graph, op, input, steps[s].rows);
        for (int y = rows.begin; y < rows.end; ++y) read[input][y] = s;
      }
    }
  }

  // Rows that a ring of the tensor must hold.
  int RingOf(TensorId tensor) const {
    int rows = 1;
    for (int y = 0; y < static_cast<int>(written[tensor].size()); ++y) {
      if (written[tensor][y] < 0) continue;
      for (int before = 0; before < y; ++before) {
        if (read[tensor][before] >= written[tensor][y]) rows = std::max(rows, y - before + 1);
      }
    }
    return rows;
  }

  // Bytes that `output` must begin below `input` to write over nothing that a step reads then or
  // later.
  int64_t ShiftOf(const Graph& graph, TensorId input, TensorId output) const {
    const auto row_bytes = [&](TensorId id) {
      return int64_t{graph.shape(id).width} * graph.shape(id).channels;
    };
    int64_t shift = 0;
    for (int y = 0; y < graph.shape(output).height; ++y) {
      for (int r = 0; r < graph.shape(input).height; ++r) {
        if (read[input][r] < written[output][y]) continue;
        shift = std::max(shift, (y + 1) * row_bytes(output) - r * row_bytes(input));
        break;
      }
    }
    return shift;
  }

  std::vector<Step> steps;
  std::vector<std::vector<int>> written;
  std::vector<std::vector<int>> read;
};

TEST_F(RowStreamsTest, RingHoldsTheRowsOfAWindow) {
  Graph graph = ImageOf(32, 8, 3);
  const TensorId wide = AddOp(graph, OpKind::kConv2d, 0, 16);
  const TensorId deep = AddOp(graph, OpKind::kDepthwiseConv2d, wide, 16, 5, 2);
  AddOp(graph, OpKind::kConv2d, deep, 4);
  Find(graph);

  EXPECT_EQ(streams_.RingOf(wide).rows, 5);
  EXPECT_EQ(streams_.RingOf(wide).bytes[0], 5 * 8 * 16);
  EXPECT_EQ(streams_.RingOf(deep).rows, 1);
  EXPECT_EQ(streams_.RingOf(graph.output).rows, 0);
  // The depthwise rows lie in the ring, the last ones over the image.
  EXPECT_EQ(Whole().bytes, 32 * 8 * 3 + 5 * 8 * 16);
}

TEST_F(RowStreamsTest, RingHoldsTheWindowsOfAllRowsOfACall) {
  Graph graph = ImageOf(32, 8, 3);
  const TensorId wide = AddOp(graph, OpKind::kConv2d, 0, 16);
  const TensorId deep = AddOp(graph, OpKind::kDepthwiseConv2d, wide, 16, 5, 2);
  AddOp(graph, OpKind::kConv2d, deep, 4);
  Find(graph);

  EXPECT_EQ(streams_.RowsOf(wide, 4), 5 + 3 * 2);
  EXPECT_EQ(streams_.RowsOf(deep, 4), 4);
  EXPECT_EQ(streams_.RowsOf(deep, 100), 16);
  ASSERT_EQ(kRowsOfCalls[2], 4);
  EXPECT_EQ(streams_.RingOf(wide).bytes[2], (5 + 3 * 2) * 8 * 16);
  EXPECT_EQ(Whole(2).bytes, 32 * 8 * 3 + 11 * 8 * 16);
}

TEST_F(RowStreamsTest, DepthwiseRowsLieInTheRingWhereOneOperatorReadsThemAtOnce) {
  Graph graph = ImageOf(16, 8, 3);
  const TensorId wide = AddOp(graph, OpKind::kConv2d, 0, 16);
  const TensorId deep = AddOp(graph, OpKind::kDepthwiseConv2d, wide, 16, 5, 2);
  AddOp(graph, OpKind::kConv2d, deep, 4);
  Find(graph);

  EXPECT_EQ(streams_.RingOf(wide).output, deep);
  EXPECT_TRUE(streams_.HoldsOutput(wide, 3, 1));
  // Six rows a call need 15 of 16 rows, seven 17.
  EXPECT_TRUE(streams_.HoldsOutput(wide, 3, 6));
  EXPECT_FALSE(streams_.HoldsOutput(wide, 3, 7));
  // A segment that ends with it has all of its rows.
  EXPECT_FALSE(streams_.HoldsOutput(wide, 2, 1));

  // A window needs rows of several calls.
  graph.ops[2].SetWindow(3, 1);
  Find(graph);
  EXPECT_EQ(streams_.RingOf(wide).output, -1);
}

TEST_F(RowStreamsTest, ShortcutKeepsTheRowsThatItsWayAsksFor) {
  Graph graph = ImageOf(32, 8, 3);
  const TensorId first = AddOp(graph, OpKind::kConv2d, 0, 8, 3);
  const TensorId sum = AddBlock(graph, first, 24, 8, 7, 1, /*shortcut=*/true);
  AddOp(graph, OpKind::kConv2d, sum, 8);
  Find(graph);

  // The sum's row y waits for row y + 3 of the expanded tensor.
  EXPECT_EQ(streams_.RingOf(first).rows, 4);
  EXPECT_EQ(streams_.RingOf(first).join, 4);
  EXPECT_EQ(streams_.RingOf(sum).rows, 1);
}

TEST_F(RowStreamsTest, TwoWaysThatStrideKeepTheRowsOfTheLonger) {
  Graph graph = ImageOf(32, 8, 3);
  const TensorId first = AddOp(graph, OpKind::kConv2d, 0, 8, 3);
  const TensorId half = AddOp(graph, OpKind::kConv2d, first, 8, 3, 2);
  const TensorId second = AddOp(graph, OpKind::kConv2d, half, 8, 3);
  const TensorId beside = AddOp(graph, OpKind::kConv2d, first, 8, 1, 2);
  AddSum(graph, second, beside);
  Find(graph);

  EXPECT_EQ(streams_.RingOf(first).rows, Replay(graph).RingOf(first));
  EXPECT_EQ(streams_.RingOf(first).join, 4);
}

TEST_F(RowStreamsTest, WhatNeedsAllRowsDoesNotStream) {
  Graph graph = ImageOf(8, 8, 3);
  const TensorId first = AddOp(graph, OpKind::kConv2d, 0, 4, 3);
  const TensorId pooled = AddOp(graph, OpKind::kGlobalAvgPool, first, 4);
  graph.tensors[pooled] = {1, 1, 4};
  AddOp(graph, OpKind::kLinear, pooled, 2);
  Find(graph);

  EXPECT_TRUE(streams_.IsStreamable(0));
  EXPECT_FALSE(streams_.IsStreamable(1));
  EXPECT_FALSE(streams_.IsStreamable(2));
  EXPECT_EQ(streams_.RingOf(first).rows, 0);
  EXPECT_TRUE(InputByRowsIsPossible(graph));
}

TEST_F(RowStreamsTest, SumOverItsOperandNeedsNoMemoryOfItsOwn) {
  Graph graph = ImageOf(16, 8, 8);
  AddBlock(graph, 0, 24, 8, 3, 1, /*shortcut=*/true);
  Find(graph);

  const SegmentMemory memory = Whole();

  EXPECT_EQ(memory.overlap.input, 0);
  EXPECT_TRUE(memory.overlap.in_place);
  EXPECT_EQ(memory.bytes, 16 * 8 * 8 + 3 * 8 * 24 + 8 * 8);
}

TEST_F(RowStreamsTest, ClosedFormsHoldWhatTheStepsNeed) {
  constexpr uint64_t kSeed = 11;
  Random random(kSeed);
  int overlaps = 0;
  int exact = 0;
  for (int i = 0; i < 400; ++i) {
    SCOPED_TRACE(absl::StrCat("network ", i, " of seed ", kSeed));
    const Graph graph = RandomStream(random, 6);
    Find(graph);
    const size_t rows_of_call = i % kRowsOfCalls.size();
    const int call = kRowsOfCalls[rows_of_call];
    const Replay replay(graph, call);
    for (TensorId t = 1; t < static_cast<TensorId>(graph.tensors.size()); ++t) {
      if (t == graph.output) continue;
      const int rows = streams_.RowsOf(t, call);
      const int needed = replay.RingOf(t);
      EXPECT_GE(rows, needed) << "tensor " << t;
      // One reader: not a row too many, but where there are fewer than the window covers.
      if (graph.shape(t).height > 12) exact += rows == needed;
    }
    const Overlap overlap = Whole(rows_of_call).overlap;
    if (overlap.input < 0 || overlap.in_place) continue;
    ++overlaps;
    EXPECT_GE(overlap.shift_bytes, replay.ShiftOf(graph, overlap.input, overlap.output));
  }
  EXPECT_GT(overlaps, 100);
  EXPECT_GT(exact, 100);
}

}  // namespace
}  // namespace niwaki::engine
