// What running a network's first operators in patches takes at least (MCUNetV2, arXiv 2110.15352):
// the output of the last of them in a grid of patches, each with what it needs of the operators
// before computed anew where patches meet, and what follows under its best schedule.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_PATCHES_PATCH_COST_H_
#define NIWAKI_LIBS_ENGINE_PLAN_PATCHES_PATCH_COST_H_

#include <cstdint>
#include <optional>

#include "libs/arch/graph.h"

namespace niwaki::engine {

// Operators [0, end_op) in a grid of patches over the output of the last.
struct PatchGrid {
  int end_op = 0;
  int down = 1;
  int across = 1;
};

struct PatchCost {
  PatchGrid grid;
  // No placement needs less: the image and the grid's output, which are whole as long as there are
  // patches to come, and the largest sum over operators and patches of what lives of one patch,
  // outputs of depthwise convolutions and additions over their inputs; no scratch memory. Not less
  // than the smallest arena of the operators behind the grid.
  int64_t least_bytes = 0;
  // Computed more than once, over MACs of the network.
  double extra_macs = 0;
};

// Of `grid`; nullopt where these operators cannot run in patches: one of them reads more than
// windows of one tensor or elements of two, another tensor than the last output is read behind
// them, or the output has fewer rows or columns than the grid. `rest_bytes` is the smallest arena
// of what follows.
std::optional<PatchCost> CostOfPatches(const arch::Graph& graph, const PatchGrid& grid,
                                       int64_t rest_bytes);

// The grid of the least memory, two patches at least and at most 8 by 8, that computes at most
// `max_extra_macs` (0.1: a tenth of the network's MACs) more than once; of equally small ones that
// with the fewest. nullopt where no grid is possible.
std::optional<PatchCost> SmallestPatches(const arch::Graph& graph, double max_extra_macs);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_PATCHES_PATCH_COST_H_
