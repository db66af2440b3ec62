#include "libs/finder/costs.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost.h"
#include "libs/latency/estimate.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/snapshot.h"

namespace niwaki::finder {
namespace {

using search::Metrics;

// A graph that grows once, and the networks it is built from.
struct Builder {
  const arch::SearchSpace& space;
  arch::Graph graph;
};

// What is known of `cost`.
Metrics MetricsOf(const cost::Cost& cost) {
  Metrics metrics;
  metrics.sram_bytes = static_cast<double>(cost.sram_bytes);
  metrics.flash_bytes = static_cast<double>(cost.flash_bytes);
  metrics.macs = static_cast<double>(cost.macs);
  metrics.params = static_cast<double>(cost.params);
  metrics.latency_us = cost.latency_us.value_if_known();
  metrics.energy_mj = cost.energy_mj.value_if_known();
  return metrics;
}

}  // namespace

search::CostFunction TableCosts(CostTables tables) {
  auto shared = std::make_shared<const CostTables>(std::move(tables));
  return [shared](absl::Span<const arch::Subnet> subnets) {
    std::vector<Metrics> metrics(subnets.size());
    for (size_t i = 0; i < subnets.size(); ++i) {
      if (shared->latency_us) metrics[i].latency_us = shared->latency_us->CostOf(subnets[i]);
      if (shared->macs) metrics[i].macs = shared->macs->CostOf(subnets[i]);
    }
    return metrics;
  };
}

search::CostFunction DeviceCosts(const arch::SearchSpace& space, const device::Device& device,
                                 int64_t sram_limit_bytes) {
  auto estimator = std::make_shared<latency::CostEstimator>(device, latency::DefaultSnapshot());
  auto builder = std::make_shared<Builder>(Builder{space, {}});
  return [estimator, builder, sram_limit_bytes](absl::Span<const arch::Subnet> subnets) {
    std::vector<Metrics> metrics;
    metrics.reserve(subnets.size());
    for (const arch::Subnet& subnet : subnets) {
      arch::BuildGraphInto(builder->space, subnet, builder->graph);
      metrics.push_back(MetricsOf(estimator->Estimate(builder->graph, sram_limit_bytes)));
    }
    return metrics;
  };
}

std::vector<std::string> DeviceSchedules(const arch::SearchSpace& space,
                                         const device::Device& device, int64_t sram_limit_bytes,
                                         absl::Span<const arch::Subnet> subnets) {
  latency::CostEstimator estimator(device, latency::DefaultSnapshot());
  arch::Graph graph;
  std::vector<std::string> schedules;
  schedules.reserve(subnets.size());
  for (const arch::Subnet& subnet : subnets) {
    arch::BuildGraphInto(space, subnet, graph);
    schedules.push_back(estimator.Estimate(graph, sram_limit_bytes).schedule);
  }
  return schedules;
}

search::CostFunction CombineCosts(search::CostFunction first, search::CostFunction second) {
  return [first = std::move(first), second = std::move(second)](
             absl::Span<const arch::Subnet> subnets) -> absl::StatusOr<std::vector<Metrics>> {
    NIWAKI_ASSIGN_OR_RETURN(std::vector<Metrics> metrics, first(subnets));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<Metrics> others, second(subnets));
    for (size_t i = 0; i < metrics.size(); ++i) {
      for (const search::Metric metric : search::kAllMetrics) {
        if (!metrics[i][metric].has_value()) metrics[i][metric] = others[i][metric];
      }
    }
    return metrics;
  };
}

search::CostFunction GraphCosts(const arch::SearchSpace& space) {
  auto builder = std::make_shared<Builder>(Builder{space, {}});
  return [builder](absl::Span<const arch::Subnet> subnets) {
    std::vector<Metrics> metrics(subnets.size());
    for (size_t i = 0; i < subnets.size(); ++i) {
      arch::BuildGraphInto(builder->space, subnets[i], builder->graph);
      metrics[i].macs = static_cast<double>(arch::CountMacs(builder->graph));
      metrics[i].params = static_cast<double>(arch::CountParams(builder->graph));
    }
    return metrics;
  };
}

}  // namespace niwaki::finder
