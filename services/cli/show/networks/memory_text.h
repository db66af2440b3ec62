// A network's memory plan as text: what lies in the arena while each operator runs.

#ifndef NIWAKI_SERVICES_CLI_SHOW_NETWORKS_MEMORY_TEXT_H_
#define NIWAKI_SERVICES_CLI_SHOW_NETWORKS_MEMORY_TEXT_H_

#include <string>

#include "libs/arch/graph.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::cli {

// A row for each operator, in order: its number and name; the tensors that live, as
// NUMBER@OFFSET+BYTES with what the operator reads first; where its output goes, "over 3" where it
// overwrites tensor 3; its scratch memory, and the bytes that live together. The operator that
// holds the most is marked by "<- peak". The last line is the arena. Ends in a newline; equal plans
// give equal text.
std::string MemoryTable(const arch::Graph& graph, const engine::MemoryPlan& plan);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_NETWORKS_MEMORY_TEXT_H_
