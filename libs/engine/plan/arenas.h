// The arenas that a network can have: one for each way of running it that the planner knows.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_ARENAS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_ARENAS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {

// How a network is run.
enum class ArenaKind : uint8_t {
  // Every operator with all its rows, the input whole in the arena.
  kWhole,
  // Chains of operators by rows, the input whole in the arena.
  kStreamed,
  // The same, and the input comes row by row: it never lies whole in the arena.
  kInputByRows,
  // The first operators in patches.
  kPatched,
};

// "whole", "streamed", "input_by_rows", "patched": in JSON, never change one.
absl::string_view ArenaKindName(ArenaKind kind);

struct Arena {
  ArenaKind kind = ArenaKind::kWhole;
  NetworkPlan plan;
  // Operators at the network's beginning that `plan` has not: the caller quantises rows that it
  // hands over. Operator i of the plan is i + left_to_caller of the graph.
  int left_to_caller = 0;
};

// `graph` has operators. The first is kWhole, then the smallest of each other kind that the planner
// knows and that the network can have: by rows, not yet in patches.
std::vector<Arena> ArenasOf(const arch::Graph& graph);

// Of `arenas`, which has one at least, that with the fewest bytes; the first of several.
const Arena& SmallestOf(const std::vector<Arena>& arenas);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_ARENAS_H_
