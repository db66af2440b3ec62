#include "libs/engine/plan/network_plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/units.h"
#include "libs/engine/plan/stream_price.h"

namespace niwaki::engine {

NetworkPlan PlanNetwork(const arch::Graph& graph, const PlanOptions& options) {
  return {WholeSchedule(graph), PlanMemory(graph, options)};
}

bool NetworkPlanner::TryLimit(const arch::Graph& graph, int64_t limit_bytes) {
  ScheduleChoice choice = search_.Cheapest(limit_bytes);
  if (!choice.possible) return false;
  found_.plan.memory = planner_.Plan(search_.streams(), choice);
  found_.plan.schedule = std::move(choice.schedule);
  found_.instructions = choice.price;
  for (const arch::Op& op : graph.ops) found_.instructions += WholeInstructions(graph, op);
  return true;
}

const PlannedNetwork& NetworkPlanner::Fastest(const arch::Graph& graph, int64_t limit_bytes) {
  lifetimes_.Find(graph, options_);
  search_.Prepare(graph, lifetimes_, options_);
  // What is placed may need more than the sum of what lives: then a little less is looked for.
  int64_t limit = limit_bytes;
  while (TryLimit(graph, limit)) {
    const int64_t more = found_.plan.memory.arena_bytes - limit_bytes;
    if (more <= 0) return found_;
    limit -= more;
  }
  NIWAKI_CHECK(TryLimit(graph, search_.SmallestBytes()));
  return found_;
}

absl::Status CheckFits(const arch::Graph& graph, const MemoryPlan& plan, int64_t limit_bytes,
                       absl::string_view limit_name) {
  if (plan.arena_bytes <= limit_bytes) return absl::OkStatus();
  const arch::Op& peak = graph.ops[plan.peak_op];
  // The bound is what no placement of whole operators can go below.
  const bool near = plan.lower_bound_bytes <= limit_bytes;
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable)
      .Field("sram_bytes")
      .Value(plan.arena_bytes)
      .Limit(absl::StrCat(limit_bytes))
      .Message(absl::StrCat("the network needs ", FormatBytes(plan.arena_bytes), " of SRAM, ",
                            limit_name, " is ", FormatBytes(limit_bytes), "; the smallest arena ",
                            near ? "in theory" : "that it can have", " is ",
                            FormatBytes(plan.lower_bound_bytes), " (", plan.lower_bound_bytes,
                            " bytes), held by operator ", plan.peak_op, " (",
                            arch::OpKindName(peak.kind), " ", arch::OpName(graph, peak), ")"));
}

}  // namespace niwaki::engine
