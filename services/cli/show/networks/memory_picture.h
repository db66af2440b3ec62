// A picture of a network's memory as a self-contained SVG, readable on light and dark ground: the
// arena over time.

#ifndef NIWAKI_SERVICES_CLI_SHOW_NETWORKS_MEMORY_PICTURE_H_
#define NIWAKI_SERVICES_CLI_SHOW_NETWORKS_MEMORY_PICTURE_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::cli {

// Operators from left to right, bytes of the arena from the bottom up. A tensor is a rectangle from
// the operator that writes it to the one that reads it last, with its name where there is room;
// where one overwrites another they meet in the middle of the operator. Scratch memory is hatched,
// the operator that holds the most is marked, the arena's size is a line. Everything says what it
// is when the pointer rests on it. `title` and `schedule`, which stands below it where it is not
// empty, are escaped; equal arguments give equal bytes.
std::string RenderMemory(const arch::Graph& graph, const engine::MemoryPlan& plan,
                         const std::string& title, const std::string& schedule = "");

// Writes the picture of the plan that a cost is of (NetworkPlanner::OfCost), and how it runs where
// that is not whole; without a cost of the fastest. The errors of writing a file.
absl::Status WriteMemoryPicture(const arch::Graph& graph, const std::string& title,
                                const std::string& path,
                                int64_t sram_bytes = std::numeric_limits<int64_t>::max(),
                                absl::string_view schedule = "");

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_NETWORKS_MEMORY_PICTURE_H_
