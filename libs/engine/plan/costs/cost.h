// The exact part of what a network costs: what the oracle answers and the constraints compare.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_COSTS_COST_H_
#define NIWAKI_LIBS_ENGINE_PLAN_COSTS_COST_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "libs/arch/graph.h"
#include "libs/cost/cost.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule_kind.h"

namespace niwaki::engine {

// What depends on the schedule.
struct ScheduleCost {
  ScheduleKind kind = ScheduleKind::kWhole;
  int64_t sram_bytes = 0;
  int64_t flash_bytes = 0;
  // As PlannedNetwork.
  double slowdown = 1;

  friend bool operator==(const ScheduleCost& a, const ScheduleCost& b) {
    return a.kind == b.kind && a.sram_bytes == b.sram_bytes && a.flash_bytes == b.flash_bytes &&
           a.slowdown == b.slowdown;
  }
};

struct ExactCosts {
  int64_t macs = 0;
  int64_t params = 0;
  // As NetworkPlanner::Schedules; one at least.
  absl::InlinedVector<ScheduleCost, kScheduleKinds.size()> schedules;

  // The fastest of at most `limit_bytes` of SRAM; where there is none, the smallest.
  const ScheduleCost& Within(int64_t limit_bytes) const;

  friend bool operator==(const ExactCosts& a, const ExactCosts& b) {
    return a.macs == b.macs && a.params == b.params && a.schedules == b.schedules;
  }
};

// `planned` is a plan of `graph`.
ScheduleCost CostOfSchedule(const arch::Graph& graph, ScheduleKind kind,
                            const PlannedNetwork& planned);

// `graph` has operators. Reuses the memory of `planner`, which has the default options.
ExactCosts ExactCostsOf(const arch::Graph& graph, NetworkPlanner& planner);

// SRAM, flash, MACs, parameters and the schedule's name; latency and energy are not known here.
cost::Cost ToCost(const ExactCosts& costs, const ScheduleCost& schedule);

// Names the figures of ExactCostsOf: the same text as long as the planner and the flash model give
// the same ones for the smallest and largest subnets of some spaces of the catalogue. Computed
// once. Thread-safe.
const std::string& CostFingerprint();

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_COSTS_COST_H_
