// NetworkPlan: how a network runs on a device: its schedule, and where every byte lies meanwhile.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_NETWORK_PLAN_H_
#define NIWAKI_LIBS_ENGINE_PLAN_NETWORK_PLAN_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/schedule.h"

namespace niwaki::engine {

struct NetworkPlan {
  Schedule schedule;
  MemoryPlan memory;

  friend bool operator==(const NetworkPlan& a, const NetworkPlan& b) {
    return a.schedule == b.schedule && a.memory == b.memory;
  }
};

// `graph` has operators. Today's planner runs every operator whole.
NetworkPlan PlanNetwork(const arch::Graph& graph, const PlanOptions& options = {});

// OK where the plan's arena is at most `limit_bytes`. FailedPrecondition with reason
// BUDGET_UNSATISFIABLE otherwise: the limit, the smallest arena that operators that run whole can
// have, and the operator that holds it. `limit_name` says whose limit it is: "stm32f746's SRAM".
absl::Status CheckFits(const arch::Graph& graph, const MemoryPlan& plan, int64_t limit_bytes,
                       absl::string_view limit_name);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_NETWORK_PLAN_H_
