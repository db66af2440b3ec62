// The operators of a network, one by one: what they are, cost and hold in memory.

#ifndef NIWAKI_SERVICES_CLI_SHOW_NETWORKS_OPERATOR_TABLE_H_
#define NIWAKI_SERVICES_CLI_SHOW_NETWORKS_OPERATOR_TABLE_H_

#include <string>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/base/json.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::cli {

// A row for each operator, in order: number, kind, kernel, stride, shapes, MACs, parameters, the
// bytes that live while it runs under `plan`, activation. `problems`, one for each operator, is a
// last column; none is none. Ends in a newline.
std::string OperatorTable(const arch::Graph& graph, const engine::MemoryPlan& plan,
                          const std::vector<std::string>& problems = {});

// The same of operator `index`, for programs.
Json OperatorToJson(const arch::Graph& graph, const engine::MemoryPlan& plan, int index);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_NETWORKS_OPERATOR_TABLE_H_
