#include "libs/jobs/engine/job_front.h"

#include <limits>
#include <optional>

namespace niwaki::jobs {
namespace {

std::optional<double> ValueOf(const Figure& figure) {
  if (figure.provenance == Provenance::kUnknown) return std::nullopt;
  return figure.value;
}

}  // namespace

search::Metrics MetricsOf(const Cost& cost) {
  search::Metrics metrics;
  metrics.sram_bytes = static_cast<double>(cost.sram_bytes);
  metrics.flash_bytes = static_cast<double>(cost.flash_bytes);
  metrics.macs = static_cast<double>(cost.macs);
  metrics.params = static_cast<double>(cost.params);
  metrics.latency_us = ValueOf(cost.latency_us);
  metrics.energy_mj = ValueOf(cost.energy_mj);
  return metrics;
}

search::Objectives ObjectivesOf(const std::vector<search::Metric>& objectives, const Cost& cost,
                                const Score& score) {
  search::Metrics metrics = MetricsOf(cost);
  metrics.top1 = score.top1;
  metrics.top5 = score.top5;
  metrics.loss = score.loss;
  search::Objectives values;
  for (const search::Metric metric : objectives) {
    const double value = metrics[metric].value_or(std::numeric_limits<double>::max());
    values.push_back(search::IsMaximised(metric) ? -value : value);
  }
  return values;
}

JobFront::JobFront(const std::vector<search::Metric>& objectives)
    : objectives_(objectives), front_(static_cast<int>(objectives.size())) {}

void JobFront::Add(const Candidate& candidate) {
  front_.Insert(candidate.slot, ObjectivesOf(objectives_, candidate.cost, *candidate.score));
}

std::vector<int64_t> JobFront::Slots() const {
  std::vector<int64_t> slots;
  for (const search::ParetoFront::Point& point : front_.points()) slots.push_back(point.slot);
  return slots;
}

}  // namespace niwaki::jobs
