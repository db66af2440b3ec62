// Plans as JSON: what is written is read back equal, and equal plans are equal texts.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_PLAN_JSON_H_
#define NIWAKI_LIBS_ENGINE_PLAN_PLAN_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {

// {"format": "niwaki plan", "version": 1, "arena_bytes", "lower_bound_bytes", "peak_operator",
//  "schedule": [{"mode": "whole" | "rows" | "patches", "first_op", "end_op", "rows_at_a_time",
//                "patches_down", "patches_across"}],
//  "tensors":  [{"offset_bytes", "size_bytes", "first_op", "last_op", "layout": "interleaved" |
//                "planar", "ring_rows"}],
//  "operators": [{"overwrites": tensor or -1, "scratch_offset_bytes", "scratch_bytes"}]}
//
// Tensors and operators are in the graph's order. One line, ended by a newline.
std::string PlanToJson(const NetworkPlan& plan);

// The reverse. InvalidArgument with reason FILE_MALFORMED, naming `what` and the field, for any
// other text: numbers that are no integers of at most 2^40, places outside of the arena, tensors
// and operators that there are not, more than 65,536 of either, schedules that do not hold every
// operator once. Whether the plan is safe for a network says VerifyPlan.
absl::StatusOr<NetworkPlan> PlanFromJson(absl::string_view text, absl::string_view what);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_PLAN_JSON_H_
