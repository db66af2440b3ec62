#include "libs/latency/estimate.h"

#include <utility>

#include "libs/cost/provenance.h"
#include "libs/engine/plan/cost.h"

namespace niwaki::latency {
namespace {

// 1 mW for 1 us is 1 nJ.
constexpr double kMillijoulesPerMilliwattMicrosecond = 1e-6;

}  // namespace

cost::Cost CostEstimator::Estimate(const arch::Graph& graph, int64_t sram_limit_bytes) {
  const int64_t limit = sram_limit_bytes > 0 ? sram_limit_bytes : sram_bytes_;
  const engine::PlannedNetwork& planned = planner_.Fastest(graph, limit);
  cost::Cost cost = engine::ExactCostOf(graph, planned);
  cost.latency_us = latency_.LatencyUs(graph);
  if (planned.streaming_instructions > 0) {
    cost.latency_us = cost.latency_us.Times(planned.slowdown(), cost::Provenance::kPredicted);
  }
  if (active_power_mw_.has_value()) {
    cost.energy_mj = cost.latency_us.Times(*active_power_mw_ * kMillijoulesPerMilliwattMicrosecond,
                                           cost::Provenance::kPredicted);
  }
  return cost;
}

cost::Cost EstimateCosts(const arch::Graph& graph, const device::Device& device,
                         std::shared_ptr<const LatencySnapshot> snapshot) {
  return CostEstimator(device, std::move(snapshot)).Estimate(graph);
}

}  // namespace niwaki::latency
