#include "libs/latency/estimate.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "libs/cost/provenance.h"
#include "libs/engine/plan/schedule_kind.h"

namespace niwaki::latency {
namespace {

// 1 mW for 1 us is 1 nJ.
constexpr double kMillijoulesPerMilliwattMicrosecond = 1e-6;

// That of whole operators is what tables and models know.
cost::Figure LatencyOf(const engine::ScheduleCost& schedule, const cost::Figure& whole) {
  if (schedule.slowdown == 1) return whole;
  return whole.Times(schedule.slowdown, cost::Provenance::kPredicted);
}

}  // namespace

void CostEstimator::ComputeCosts(const arch::Graph& graph, const Fingerprint& key) {
  exact_ = engine::ExactCostsOf(graph, planner_);
  memo_->Put(key, exact_);
}

cost::Cost CostEstimator::CostOf(const engine::ScheduleCost& schedule,
                                 const cost::Figure& whole_latency) const {
  cost::Cost cost = engine::ToCost(exact_, schedule);
  cost.latency_us = LatencyOf(schedule, whole_latency);
  if (active_power_mw_.has_value()) {
    cost.energy_mj = cost.latency_us.Times(*active_power_mw_ * kMillijoulesPerMilliwattMicrosecond,
                                           cost::Provenance::kPredicted);
  }
  return cost;
}

cost::Cost CostEstimator::Estimate(const arch::Graph& graph, int64_t sram_limit_bytes) {
  const int64_t limit = sram_limit_bytes > 0 ? sram_limit_bytes : sram_bytes_;
  const Fingerprint key = engine::GraphFingerprint(graph);
  const cost::Figure latency = latency_.LatencyUs(graph);
  if (!memo_->Find(key, exact_)) {
    // The fastest there is: no other is looked for.
    const engine::PlannedNetwork* const whole = planner_.WholeWithin(graph, limit);
    if (whole != nullptr) {
      exact_.macs = arch::CountMacs(graph);
      exact_.params = arch::CountParams(graph);
      exact_.schedules.assign(1,
                              engine::CostOfSchedule(graph, engine::ScheduleKind::kWhole, *whole));
    } else {
      ComputeCosts(graph, key);
    }
  }
  return CostOf(exact_.Within(limit), latency);
}

cost::Cost CostEstimator::Estimate(const arch::Graph& graph, int64_t sram_limit_bytes,
                                   std::vector<cost::ScheduleCost>& schedules) {
  const int64_t limit = sram_limit_bytes > 0 ? sram_limit_bytes : sram_bytes_;
  const cost::Figure latency = latency_.LatencyUs(graph);
  const Fingerprint key = engine::GraphFingerprint(graph);
  if (!memo_->Find(key, exact_)) ComputeCosts(graph, key);
  schedules.resize(exact_.schedules.size());
  for (size_t i = 0; i < schedules.size(); ++i) {
    const engine::ScheduleCost& from = exact_.schedules[i];
    const absl::string_view name = engine::ScheduleKindName(from.kind);
    schedules[i].name.assign(name.data(), name.size());
    schedules[i].sram_bytes = from.sram_bytes;
    schedules[i].flash_bytes = from.flash_bytes;
    schedules[i].slowdown = from.slowdown;
    schedules[i].latency_us = LatencyOf(from, latency);
  }
  return CostOf(exact_.Within(limit), latency);
}

cost::Cost EstimateCosts(const arch::Graph& graph, const device::Device& device,
                         std::shared_ptr<const LatencySnapshot> snapshot) {
  return CostEstimator(device, std::move(snapshot)).Estimate(graph);
}

}  // namespace niwaki::latency
