#include "libs/engine/plan/cost.h"

#include "libs/engine/plan/flash.h"

namespace niwaki::engine {

cost::Cost ExactCostOf(const arch::Graph& graph, Planner& planner) {
  cost::Cost cost;
  cost.sram_bytes = planner.Plan(graph).arena_bytes;
  cost.flash_bytes = PlanFlash(graph).total();
  cost.macs = arch::CountMacs(graph);
  cost.params = arch::CountParams(graph);
  return cost;
}

}  // namespace niwaki::engine
