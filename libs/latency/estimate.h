// CostEstimator: the oracle's whole answer about a network on a device.

#ifndef NIWAKI_LIBS_LATENCY_ESTIMATE_H_
#define NIWAKI_LIBS_LATENCY_ESTIMATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/arch/graph.h"
#include "libs/base/digest.h"
#include "libs/cost/cost.h"
#include "libs/cost/figure.h"
#include "libs/device/device.h"
#include "libs/engine/plan/costs/cost.h"
#include "libs/engine/plan/costs/cost_memo.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/latency/latency_estimator.h"
#include "libs/latency/snapshot.h"

namespace niwaki::latency {

// Not thread-safe: one for each thread. Cheap to make.
class CostEstimator {
 public:
  // `memo` is shared with estimators of the same and other devices; its own without one.
  CostEstimator(const device::Device& device, std::shared_ptr<const LatencySnapshot> snapshot,
                std::shared_ptr<engine::CostMemo> memo = nullptr)
      : latency_(device, std::move(snapshot)),
        active_power_mw_(device.active_power_mw),
        sram_bytes_(device.sram_bytes()),
        memo_(memo != nullptr ? std::move(memo) : std::make_shared<engine::CostMemo>(kOwnMemo)) {}

  // Of the fastest of the network's schedules (NetworkPlanner::Schedules) whose SRAM is at most
  // `sram_limit_bytes`, 0 being the device's SRAM; where none fits, of the one that needs least.
  // All figures are of that schedule, which the cost names.
  //
  // Latency as LatencyEstimator::LatencyUs. Energy is latency times the device's active power and
  // always PREDICTED, because the power is one figure for all networks; not known where one of them
  // is not. No allocation once warm, but where the device has entries of blocks.
  cost::Cost Estimate(const arch::Graph& graph, int64_t sram_limit_bytes = 0);

  // The same, and all schedules of the network in `schedules`, the fastest first. Ten times as much
  // work for a network that fits whole and that `memo` does not know.
  cost::Cost Estimate(const arch::Graph& graph, int64_t sram_limit_bytes,
                      std::vector<cost::ScheduleCost>& schedules);

  // As LatencyEstimator::WhyUnknown.
  absl::Status WhyLatencyUnknown(const arch::Graph& graph) const {
    return latency_.WhyUnknown(graph);
  }

  // As LatencyEstimator::Coverage.
  std::optional<RowCoverage> Coverage(const arch::Graph& graph) const {
    return latency_.Coverage(graph);
  }

  int64_t table_version() const { return latency_.snapshot().version(); }

 private:
  // Networks that a search in this process comes to.
  static constexpr size_t kOwnMemo = 4096;

  // Of all schedules, remembered under `key`.
  void ComputeCosts(const arch::Graph& graph, const Fingerprint& key);
  cost::Cost CostOf(const engine::ScheduleCost& schedule, const cost::Figure& whole_latency) const;

  LatencyEstimator latency_;
  std::optional<double> active_power_mw_;
  int64_t sram_bytes_;
  std::shared_ptr<engine::CostMemo> memo_;
  engine::NetworkPlanner planner_;
  // Of the network at hand.
  engine::ExactCosts exact_;
};

// One network. Loops use a CostEstimator.
cost::Cost EstimateCosts(const arch::Graph& graph, const device::Device& device,
                         std::shared_ptr<const LatencySnapshot> snapshot);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_ESTIMATE_H_
