// Schedule: in which order the rows of a network's tensors are computed.
//
// A network runs as segments of consecutive operators, one after the other. Memory follows from it:
// what lives at one time, and how much of it (NetworkPlan).

#ifndef NIWAKI_LIBS_ENGINE_PLAN_SCHEDULE_H_
#define NIWAKI_LIBS_ENGINE_PLAN_SCHEDULE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {

enum class RunMode : uint8_t {
  // One operator after the other, each with all its rows.
  kWhole,
  // Rows of the last operator from top to bottom. Before an operator computes a row, those before
  // it compute what that row needs and is not there yet, operand after operand: nothing is computed
  // twice, and between two operators only some rows live.
  kRows,
  // The last output in a grid of patches, with what each needs of the operators before computed
  // anew where patches meet.
  kPatches,
};

// "whole", "rows", "patches": in files, never change one.
absl::string_view RunModeName(RunMode mode);

// Operators [first_op, end_op).
struct Segment {
  RunMode mode = RunMode::kWhole;
  int first_op = 0;
  int end_op = 0;
  // kRows: rows of its output that a call of an operator computes, at least 1; fewer where no more
  // are needed.
  int rows_at_a_time = 1;
  // kPatches: the grid over the last operator's output, at least 1 x 1.
  int patches_down = 1;
  int patches_across = 1;

  friend bool operator==(const Segment& a, const Segment& b) {
    return a.mode == b.mode && a.first_op == b.first_op && a.end_op == b.end_op &&
           a.rows_at_a_time == b.rows_at_a_time && a.patches_down == b.patches_down &&
           a.patches_across == b.patches_across;
  }
};

struct Schedule {
  std::vector<Segment> segments;

  friend bool operator==(const Schedule& a, const Schedule& b) { return a.segments == b.segments; }
};

// All operators whole, in the graph's order.
Segment WholeSegment(const arch::Graph& graph);
Schedule WholeSchedule(const arch::Graph& graph);

// "operators 0 to 12 row by row, 13 to 20 by 4 rows, 21 to 40 whole".
std::string ScheduleText(const Schedule& schedule);

// Whether the segments hold each of `operators` once and in order, and their numbers are in range.
// InvalidArgument names the segment, the field and the limit.
absl::Status Validate(const Schedule& schedule, int operators);

// The rows of `input`, one of the tensors that `op` reads, that rows `output` of its output need:
// those of arch::InputRows, and all of a second operand that is broadcast.
arch::RowRange RowsRead(const arch::Graph& graph, const arch::Op& op, arch::TensorId input,
                        const arch::RowRange& output);

// One call of one operator's kernel.
struct Step {
  int op = 0;
  // Of its output; not empty.
  arch::RowRange rows;
};

// What runs when. InvalidArgument as Validate; Unimplemented for patches, which are no ranges of
// whole rows.
absl::StatusOr<std::vector<Step>> StepsOf(const arch::Graph& graph, const Schedule& schedule);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_SCHEDULE_H_
