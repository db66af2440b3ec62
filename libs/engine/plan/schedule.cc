#include "libs/engine/plan/schedule.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::engine {
namespace {

using arch::Graph;
using arch::Op;
using arch::RowRange;
using arch::TensorId;

constexpr int kMostRowsOrPatches = 65536;

absl::Status Invalid(int segment, absl::string_view field, int value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(absl::StrCat("schedule[", segment, "].", field))
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("segment ", segment, " of the schedule: ", field, " ", value,
                            ", needs ", limit));
}

// The steps of one segment by rows: every operator computes as far down as is asked for.
class RowSteps {
 public:
  RowSteps(const Graph& graph, const Segment& segment, std::vector<Step>& steps)
      : graph_(graph),
        segment_(segment),
        steps_(steps),
        writer_(graph.tensors.size(), -1),
        done_(segment.end_op - segment.first_op, 0) {
    for (int i = segment.first_op; i < segment.end_op; ++i) writer_[graph.ops[i].output] = i;
  }

  void Add() {
    const int last = segment_.end_op - 1;
    Compute(last, HeightOf(last));
    // What is read behind the segment is computed to its end, needed in it or not.
    for (int i = segment_.first_op; i < last; ++i) {
      if (IsReadLater(graph_.ops[i].output)) Compute(i, HeightOf(i));
    }
  }

 private:
  int HeightOf(int op) const { return graph_.shape(graph_.ops[op].output).height; }

  bool IsReadLater(TensorId tensor) const {
    if (tensor == graph_.output) return true;
    for (size_t i = segment_.end_op; i < graph_.ops.size(); ++i) {
      const auto inputs = arch::InputsOf(graph_, graph_.ops[i]);
      if (std::find(inputs.begin(), inputs.end(), tensor) != inputs.end()) return true;
    }
    return false;
  }

  // Rows of `op` down to `end`. The operators before it stand before it in the graph, so this ends.
  void Compute(int index, int end) {
    int& done = done_[index - segment_.first_op];
    while (done < end) {
      const Op& op = graph_.ops[index];
      const RowRange rows = {done, std::min(done + segment_.rows_at_a_time, end)};
      for (const TensorId input : arch::InputsOf(graph_, op)) {
        const int before = writer_[input];
        if (before < 0) continue;
        Compute(before, RowsRead(graph_, op, input, rows).end);
      }
      steps_.push_back({index, rows});
      done = rows.end;
    }
  }

  const Graph& graph_;
  const Segment& segment_;
  std::vector<Step>& steps_;
  // By tensor: the operator of the segment that writes it, or -1.
  std::vector<int> writer_;
  // By operator of the segment: rows computed so far.
  std::vector<int> done_;
};

}  // namespace

absl::string_view RunModeName(RunMode mode) {
  switch (mode) {
    case RunMode::kWhole:
      return "whole";
    case RunMode::kRows:
      return "rows";
    case RunMode::kPatches:
      return "patches";
  }
  return "";
}

Segment WholeSegment(const Graph& graph) {
  Segment segment;
  segment.end_op = static_cast<int>(graph.ops.size());
  return segment;
}

Schedule WholeSchedule(const Graph& graph) { return {{WholeSegment(graph)}}; }

std::string ScheduleText(const Schedule& schedule) {
  std::string text;
  for (const Segment& segment : schedule.segments) {
    absl::StrAppend(&text, text.empty() ? "operators " : ", ", segment.first_op);
    if (segment.end_op > segment.first_op + 1) absl::StrAppend(&text, " to ", segment.end_op - 1);
    switch (segment.mode) {
      case RunMode::kWhole:
        absl::StrAppend(&text, " whole");
        break;
      case RunMode::kRows:
        if (segment.rows_at_a_time == 1) {
          absl::StrAppend(&text, " row by row");
        } else {
          absl::StrAppend(&text, " by ", segment.rows_at_a_time, " rows");
        }
        break;
      case RunMode::kPatches:
        absl::StrAppend(&text, " in ", segment.patches_down, "x", segment.patches_across,
                        " patches");
        break;
    }
  }
  return text;
}

absl::Status Validate(const Schedule& schedule, int operators) {
  int next = 0;
  for (size_t i = 0; i < schedule.segments.size(); ++i) {
    const Segment& segment = schedule.segments[i];
    const int index = static_cast<int>(i);
    if (segment.first_op != next) {
      return Invalid(index, "first_op", segment.first_op, absl::StrCat(next));
    }
    if (segment.end_op <= next || segment.end_op > operators) {
      return Invalid(index, "end_op", segment.end_op, absl::StrCat(next + 1, " to ", operators));
    }
    next = segment.end_op;
    const std::pair<absl::string_view, int> numbers[] = {
        {"rows_at_a_time", segment.rows_at_a_time},
        {"patches_down", segment.patches_down},
        {"patches_across", segment.patches_across}};
    for (const auto& [field, value] : numbers) {
      if (value < 1 || value > kMostRowsOrPatches) {
        return Invalid(index, field, value, absl::StrCat("1 to ", kMostRowsOrPatches));
      }
    }
  }
  if (next != operators) {
    return Invalid(static_cast<int>(schedule.segments.size()), "first_op", next,
                   absl::StrCat("segments up to operator ", operators));
  }
  return absl::OkStatus();
}

RowRange RowsRead(const Graph& graph, const Op& op, TensorId input, const RowRange& output) {
  const int height = graph.shape(input).height;
  if (input != op.input && height != graph.shape(op.output).height) return {0, height};
  const RowRange read = op.input < 0 ? output : arch::InputRows(graph, op, output);
  // A broadcast operand has one row.
  return {std::min(read.begin, height - 1), std::min(read.end, height)};
}

absl::StatusOr<std::vector<Step>> StepsOf(const Graph& graph, const Schedule& schedule) {
  NIWAKI_RETURN_IF_ERROR(Validate(schedule, static_cast<int>(graph.ops.size())));
  std::vector<Step> steps;
  for (const Segment& segment : schedule.segments) {
    switch (segment.mode) {
      case RunMode::kWhole:
        for (int i = segment.first_op; i < segment.end_op; ++i) {
          steps.push_back({i, {0, graph.shape(graph.ops[i].output).height}});
        }
        break;
      case RunMode::kRows:
        RowSteps(graph, segment, steps).Add();
        break;
      case RunMode::kPatches:
        return Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
            .Field("schedule")
            .Value(RunModeName(segment.mode))
            .Limit("whole or rows")
            .Message("a schedule by patches has no steps by rows");
    }
  }
  return steps;
}

}  // namespace niwaki::engine
