#include "libs/latency/estimate.h"

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/engine/plan/cost.h"
#include "libs/latency/provenance.h"

namespace niwaki::latency {
namespace {

// 1 mW for 1 us is 1 nJ.
constexpr double kMillijoulesPerMilliwattMicrosecond = 1e-6;

}  // namespace

absl::StatusOr<CostEstimator> CostEstimator::Create(
    const Device& device, std::shared_ptr<const LatencySnapshot> snapshot) {
  NIWAKI_ASSIGN_OR_RETURN(LatencyEstimator latency,
                          LatencyEstimator::Create(device, std::move(snapshot)));
  return CostEstimator(std::move(latency), device.active_power_mw);
}

CostEstimate CostEstimator::Estimate(const arch::Graph& graph) {
  const engine::MemoryCost memory = engine::MemoryCostOf(graph, planner_);
  CostEstimate cost;
  cost.sram_bytes = memory.sram_bytes;
  cost.flash_bytes = memory.flash_bytes;
  cost.macs = arch::CountMacs(graph);
  cost.params = arch::CountParams(graph);
  cost.latency_us = latency_.LatencyUs(graph);
  const double factor = active_power_mw_ * kMillijoulesPerMilliwattMicrosecond;
  cost.energy_mj = {cost.latency_us.value * factor, cost.latency_us.low * factor,
                    cost.latency_us.high * factor,
                    cost.latency_us.provenance == Provenance::kUnknown ? Provenance::kUnknown
                                                                       : Provenance::kPredicted};
  return cost;
}

absl::StatusOr<CostEstimate> EstimateCosts(const arch::Graph& graph, const Device& device,
                                           std::shared_ptr<const LatencySnapshot> snapshot) {
  NIWAKI_ASSIGN_OR_RETURN(CostEstimator estimator,
                          CostEstimator::Create(device, std::move(snapshot)));
  return estimator.Estimate(graph);
}

}  // namespace niwaki::latency
