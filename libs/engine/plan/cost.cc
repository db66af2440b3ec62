#include "libs/engine/plan/cost.h"

#include "libs/engine/plan/flash.h"

namespace niwaki::engine {

cost::Cost ExactCostOf(const arch::Graph& graph, const PlannedNetwork& planned) {
  cost::Cost cost;
  cost.sram_bytes = planned.plan.memory.arena_bytes;
  cost.flash_bytes = PlanFlash(graph).total();
  cost.macs = arch::CountMacs(graph);
  cost.params = arch::CountParams(graph);
  return cost;
}

}  // namespace niwaki::engine
