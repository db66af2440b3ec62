#include "libs/engine/plan/arenas.h"

#include <algorithm>

#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/streams/row_streams.h"

namespace niwaki::engine {

absl::string_view ArenaKindName(ArenaKind kind) {
  switch (kind) {
    case ArenaKind::kWhole:
      return "whole";
    case ArenaKind::kStreamed:
      return "streamed";
    case ArenaKind::kInputByRows:
      return "input_by_rows";
    case ArenaKind::kPatched:
      return "patched";
  }
  return "";
}

std::vector<Arena> ArenasOf(const arch::Graph& graph) {
  std::vector<Arena> arenas = {{ArenaKind::kWhole, PlanNetwork(graph)},
                               {ArenaKind::kStreamed, NetworkPlanner().Smallest(graph).plan}};
  PlanOptions options;
  options.input_by_rows = true;
  arch::Graph by_rows = graph;
  int left_to_caller = 0;
  if (by_rows.ops[0].kind == arch::OpKind::kQuantize && by_rows.ops.size() > 1) {
    by_rows.input = by_rows.ops[0].output;
    by_rows.ops.erase(by_rows.ops.begin());
    left_to_caller = 1;
  }
  if (InputByRowsIsPossible(by_rows)) {
    arenas.push_back(
        {ArenaKind::kInputByRows, NetworkPlanner(options).Smallest(by_rows).plan, left_to_caller});
  }
  return arenas;
}

const Arena& SmallestOf(const std::vector<Arena>& arenas) {
  return *std::min_element(arenas.begin(), arenas.end(), [](const Arena& a, const Arena& b) {
    return a.plan.memory.arena_bytes < b.plan.memory.arena_bytes;
  });
}

}  // namespace niwaki::engine
