// CostEstimator: the oracle's whole answer about a network on a device.

#ifndef NIWAKI_LIBS_LATENCY_ESTIMATE_H_
#define NIWAKI_LIBS_LATENCY_ESTIMATE_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/latency/device.h"
#include "libs/latency/latency_estimator.h"
#include "libs/latency/snapshot.h"

namespace niwaki::latency {

struct CostEstimate {
  // Arena of the memory plan. EXACT.
  int64_t sram_bytes = 0;
  // int8 weights and tables, EXACT, and code by the size table of libs/engine/flash.h.
  int64_t flash_bytes = 0;
  int64_t macs = 0;
  int64_t params = 0;
  Figure latency_us;
  // Latency times the device's active power, in millijoules; always PREDICTED, because the power is
  // one figure for all networks; UNKNOWN where the latency is. Zero where the device's power is
  // unknown.
  Figure energy_mj;
};

// Not thread-safe: one for each thread. Cheap to make.
class CostEstimator {
 public:
  // As LatencyEstimator::Create.
  static absl::StatusOr<CostEstimator> Create(const Device& device,
                                              std::shared_ptr<const LatencySnapshot> snapshot);

  // No allocation once warm, but where the device has entries of blocks.
  CostEstimate Estimate(const arch::Graph& graph);

  int64_t table_version() const { return latency_.snapshot().version(); }

 private:
  CostEstimator(LatencyEstimator latency, double active_power_mw)
      : latency_(std::move(latency)), active_power_mw_(active_power_mw) {}

  LatencyEstimator latency_;
  double active_power_mw_;
  engine::Planner planner_;
};

// One network. Loops use a CostEstimator.
absl::StatusOr<CostEstimate> EstimateCosts(const arch::Graph& graph, const Device& device,
                                           std::shared_ptr<const LatencySnapshot> snapshot);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_ESTIMATE_H_
