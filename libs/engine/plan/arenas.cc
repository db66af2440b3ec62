#include "libs/engine/plan/arenas.h"

#include <algorithm>

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
  return {{ArenaKind::kWhole, PlanNetwork(graph)}};
}

const Arena& SmallestOf(const std::vector<Arena>& arenas) {
  return *std::min_element(arenas.begin(), arenas.end(), [](const Arena& a, const Arena& b) {
    return a.plan.memory.arena_bytes < b.plan.memory.arena_bytes;
  });
}

}  // namespace niwaki::engine
