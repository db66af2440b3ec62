#include "libs/engine/plan/network_plan.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/units.h"
#include "libs/engine/plan/streams/stream_price.h"

namespace niwaki::engine {

NetworkPlan PlanNetwork(const arch::Graph& graph, const PlanOptions& options) {
  return {WholeSchedule(graph), PlanMemory(graph, options)};
}

void NetworkPlanner::Place(const arch::Graph& graph, ScheduleChoice choice) {
  candidate_.plan.memory = planner_.Plan(search_.streams(), choice);
  candidate_.plan.schedule = std::move(choice.schedule);
  candidate_.streaming_instructions = choice.price;
  candidate_.instructions = choice.price;
  for (const arch::Op& op : graph.ops) candidate_.instructions += WholeInstructions(graph, op);
}

// What fits whole needs no search.
bool NetworkPlanner::TryWhole(const arch::Graph& graph, int64_t limit_bytes) {
  const MemoryPlan& plan = planner_.Plan(graph);
  if (plan.arena_bytes > limit_bytes) return false;
  found_.plan.memory = plan;
  found_.plan.schedule.segments.assign(1, WholeSegment(graph));
  found_.streaming_instructions = 0;
  found_.instructions = 0;
  for (const arch::Op& op : graph.ops) found_.instructions += WholeInstructions(graph, op);
  return true;
}

const PlannedNetwork& NetworkPlanner::Fastest(const arch::Graph& graph, int64_t limit_bytes) {
  if (limit_bytes > 0 && !options_.input_by_rows && TryWhole(graph, limit_bytes)) return found_;
  lifetimes_.Find(graph, options_);
  search_.Prepare(graph, lifetimes_, options_);
  // What is placed may need more than the sum of what lives: then a little less is looked for.
  for (int64_t limit = limit_bytes;;) {
    ScheduleChoice choice = search_.Cheapest(limit);
    if (!choice.possible) break;
    Place(graph, std::move(choice));
    const int64_t more = candidate_.plan.memory.arena_bytes - limit_bytes;
    if (more <= 0) {
      std::swap(found_, candidate_);
      return found_;
    }
    limit -= more;
  }
  FindSmallest(graph);
  return found_;
}

// Where what needs least cannot be placed without gaps, others that need little more may.
void NetworkPlanner::FindSmallest(const arch::Graph& graph) {
  const int64_t smallest = search_.SmallestBytes();
  NIWAKI_CHECK(smallest != ScheduleSearch::kNoLimit);
  int64_t best = std::numeric_limits<int64_t>::max();
  for (const int percent : {0, 3, 6, 10}) {
    const int64_t limit = smallest + smallest * percent / 100;
    if (limit >= best) return;
    for (const bool roomy : {false, true}) {
      Place(graph, roomy ? search_.Roomiest(limit) : search_.Cheapest(limit));
      if (candidate_.plan.memory.arena_bytes >= best) continue;
      best = candidate_.plan.memory.arena_bytes;
      std::swap(found_, candidate_);
      if (best == smallest) return;
    }
  }
}

absl::Status CheckFits(const arch::Graph& graph, const MemoryPlan& plan, int64_t limit_bytes,
                       absl::string_view limit_name) {
  if (plan.arena_bytes <= limit_bytes) return absl::OkStatus();
  NetworkPlanner planner;
  const MemoryPlan& least = planner.Smallest(graph).plan.memory;
  const arch::Op& peak = graph.ops[least.peak_op];
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable)
      .Field("sram_bytes")
      .Value(plan.arena_bytes)
      .Limit(absl::StrCat(limit_bytes))
      .Message(absl::StrCat(
          "the network needs ", FormatBytes(plan.arena_bytes), " of SRAM, ", limit_name, " is ",
          FormatBytes(limit_bytes), "; the smallest arena that it can have",
          least.arena_bytes <= limit_bytes ? ", row by row," : "", " is ",
          FormatBytes(least.arena_bytes), " (", least.arena_bytes, " bytes), held by operator ",
          least.peak_op, " (", arch::OpKindName(peak.kind), " ", arch::OpName(graph, peak), ")"));
}

}  // namespace niwaki::engine
