// CostEstimator: the oracle's whole answer about a network on a device.

#ifndef NIWAKI_LIBS_LATENCY_ESTIMATE_H_
#define NIWAKI_LIBS_LATENCY_ESTIMATE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "libs/arch/graph.h"
#include "libs/cost/cost.h"
#include "libs/device/device.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/latency/latency_estimator.h"
#include "libs/latency/snapshot.h"

namespace niwaki::latency {

// Not thread-safe: one for each thread. Cheap to make.
class CostEstimator {
 public:
  CostEstimator(const device::Device& device, std::shared_ptr<const LatencySnapshot> snapshot)
      : latency_(device, std::move(snapshot)),
        active_power_mw_(device.active_power_mw),
        sram_bytes_(device.sram_bytes()) {}

  // Of the fastest schedule whose SRAM is at most `sram_limit_bytes`, 0 being the device's SRAM;
  // where none fits, of the one that needs least. All figures are of that schedule.
  //
  // Latency as LatencyEstimator::LatencyUs. Energy is latency times the device's active power and
  // always PREDICTED, because the power is one figure for all networks; not known where one of them
  // is not. No allocation once warm, but where the device has entries of blocks.
  cost::Cost Estimate(const arch::Graph& graph, int64_t sram_limit_bytes = 0);

  // As LatencyEstimator::WhyUnknown.
  absl::Status WhyLatencyUnknown(const arch::Graph& graph) const {
    return latency_.WhyUnknown(graph);
  }

  int64_t table_version() const { return latency_.snapshot().version(); }

 private:
  LatencyEstimator latency_;
  std::optional<double> active_power_mw_;
  int64_t sram_bytes_;
  engine::NetworkPlanner planner_;
};

// One network. Loops use a CostEstimator.
cost::Cost EstimateCosts(const arch::Graph& graph, const device::Device& device,
                         std::shared_ptr<const LatencySnapshot> snapshot);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_ESTIMATE_H_
