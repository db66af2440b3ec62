#include "libs/engine/plan/cost.h"

#include "libs/engine/plan/flash.h"

namespace niwaki::engine {

MemoryCost MemoryCostOf(const arch::Graph& graph, Planner& planner) {
  return {planner.Plan(graph).arena_bytes, PlanFlash(graph).total()};
}

}  // namespace niwaki::engine
