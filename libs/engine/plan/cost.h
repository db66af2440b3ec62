// Memory cost of a network: what the oracle answers and the constraints compare.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_COST_H_
#define NIWAKI_LIBS_ENGINE_PLAN_COST_H_

#include <cstdint>

#include "libs/arch/graph.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {

struct MemoryCost {
  // Arena of the memory plan.
  int64_t sram_bytes = 0;
  // Weights, tables and code.
  int64_t flash_bytes = 0;
};

// `planner` for its memory; its options are those of the figure.
MemoryCost MemoryCostOf(const arch::Graph& graph, Planner& planner);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_COST_H_
