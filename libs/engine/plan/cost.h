// The exact part of what a network costs: what the oracle answers and the constraints compare.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_COST_H_
#define NIWAKI_LIBS_ENGINE_PLAN_COST_H_

#include <string>

#include "libs/arch/graph.h"
#include "libs/cost/cost.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {

// SRAM, flash, MACs and parameters; latency and energy are not known here. `planned` is a plan of
// `graph`, whose SRAM it is.
cost::Cost ExactCostOf(const arch::Graph& graph, const PlannedNetwork& planned);

// Names the figures of ExactCostOf: the same text as long as the planner and the flash model give
// the same ones for the smallest and largest subnets of some spaces of the catalogue. Computed
// once. Thread-safe.
const std::string& CostFingerprint();

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_COST_H_
