#include "libs/latency/estimate_benchmark.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/engine/plan/costs/cost_memo.h"
#include "libs/latency/estimate.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/signature.h"
#include "libs/latency/snapshot.h"

namespace niwaki::latency {
namespace {

constexpr double kOpMicros = 10;

double MeasureRate(const arch::SearchSpace& space, const std::vector<arch::Subnet>& subnets,
                   CostEstimator& estimator) {
  arch::Graph graph;
  double sum = 0;
  const absl::Time start = absl::Now();
  for (const arch::Subnet& subnet : subnets) {
    arch::BuildGraphInto(space, subnet, graph);
    sum += estimator.Estimate(graph).latency_us.value();
  }
  return sum > 0 ? subnets.size() / absl::ToDoubleSeconds(absl::Now() - start) : 0;
}

double MeasureKnownRate(const arch::SearchSpace& space, const std::vector<arch::Subnet>& subnets,
                        const device::Device& device,
                        const std::shared_ptr<const LatencySnapshot>& snapshot) {
  CostEstimator estimator(device, snapshot, std::make_shared<engine::CostMemo>(subnets.size()));
  arch::Graph graph;
  std::vector<cost::ScheduleCost> schedules;
  absl::Time start;
  for (const bool known : {false, true}) {
    start = absl::Now();
    for (const arch::Subnet& subnet : subnets) {
      arch::BuildGraphInto(space, subnet, graph);
      estimator.Estimate(graph, /*sram_limit_bytes=*/0, schedules);
    }
    if (known) break;
  }
  return subnets.size() / absl::ToDoubleSeconds(absl::Now() - start);
}

}  // namespace

absl::StatusOr<EstimateRates> MeasureEstimates(const arch::SearchSpace& space, int count,
                                               uint64_t seed) {
  NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice("stm32f746"));
  Random random(seed);
  std::vector<arch::Subnet> subnets;
  SnapshotEditor models((LatencySnapshot()));
  for (const LatencyModel& model : DefaultModels()) models.PutModel(model);
  const auto empty = models.Finish(1);
  SnapshotEditor entries(*empty);
  for (int i = 0; i < count; ++i) {
    subnets.push_back(arch::SampleSubnet(space, random));
    const arch::Graph graph = arch::BuildGraph(space, subnets.back());
    for (const arch::Op& op : graph.ops) {
      LookupEntry entry;
      entry.device = device.name;
      entry.signature = OpSignature::Of(graph, op).ToText();
      entry.latency_us = kOpMicros;
      entries.Put(entry);
    }
  }
  EstimateRates rates;
  CostEstimator predicting(device, empty);
  rates.predicted_per_second = MeasureRate(space, subnets, predicting);
  CostEstimator looking_up(device, entries.Finish(2));
  rates.looked_up_per_second = MeasureRate(space, subnets, looking_up);
  rates.known_per_second = MeasureKnownRate(space, subnets, device, empty);
  return rates;
}

}  // namespace niwaki::latency
