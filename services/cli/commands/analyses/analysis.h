// Analysis: what a network takes on a device, operator by operator, and whether it fits.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_ANALYSES_ANALYSIS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_ANALYSES_ANALYSIS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/base/json.h"
#include "libs/cost/cost.h"
#include "libs/device/device.h"
#include "libs/engine/plan/arenas.h"
#include "libs/engine/plan/patches/patch_cost.h"

namespace niwaki::cli {

struct AnalysedOperator {
  // Bytes that live in the arena while it runs whole.
  int64_t live_bytes = 0;
  // "needs 63.4 kB while it runs whole, the SRAM is 32 kB", "the latency model has no …"; empty
  // where nothing is wrong.
  std::vector<std::string> problems;
};

struct Analysis {
  arch::Graph graph;
  device::Device device;
  // Whole first (engine::ArenasOf).
  std::vector<engine::Arena> arenas;
  // What patches would take at least, where the first operators can run so: computed, not a
  // schedule that there is.
  std::optional<engine::PatchCost> patches;
  // Of the fastest schedule that fits the device's SRAM, else of the smallest; its latency by the
  // default model of the device's core.
  cost::Cost cost;
  // All schedules that the oracle would list, the fastest first; the first is of arenas[0].
  std::vector<cost::ScheduleCost> schedules;
  // Why the latency is not known; empty where it is.
  std::string latency_unknown;
  std::vector<AnalysedOperator> operators;

  // The smallest arena fits the device's SRAM, and the flash its flash.
  bool fits() const;
  int64_t arena_bytes() const { return arenas[0].plan.memory.arena_bytes; }
  // Of the arena whose input comes by rows; nullopt where the planner has none.
  std::optional<int64_t> arena_rows_bytes() const;
};

// Of the network's MACs, computed more than once by patches.
inline constexpr double kMaxExtraMacs = 0.1;

// `graph` has operators.
Analysis Analyse(const arch::Graph& graph, const device::Device& device,
                 double max_extra_macs = kMaxExtraMacs);

// OK where it fits. FailedPrecondition with reason BUDGET_UNSATISFIABLE otherwise: it names the
// smallest arena that can be had and the operator that holds it, or the flash.
absl::Status CheckFits(const Analysis& analysis);

// Lines and a table of operators for people.
std::string AnalysisText(const Analysis& analysis, absl::string_view name);

// {"network", "device", "arena_bytes", "arena_rows_bytes" (null where the planner has none),
//  "arenas": {KIND: bytes}, "patched" (null where patches are not
//  possible): {"least_arena_bytes", "extra_macs", "operators", "down", "across", "helps"},
//  "smallest_arena_bytes", "sram_bytes", "schedule" (that "flash_bytes"
//  and the latency are of), "flash_bytes", "schedules": [{"name", "arena_bytes", "flash_bytes",
//  "slowdown", "latency_us"}], "device_flash_bytes", "macs", "params", "latency_us" and
//  "latency_provenance" (null where unknown), "fits", "peak_operator", "operators": [{"kind",
//  "activation", "input", "output", "kernel", "stride", "macs", "params", "live_bytes",
//  "problems"}]}
Json AnalysisToJson(const Analysis& analysis, absl::string_view name);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_ANALYSES_ANALYSIS_H_
