#include "libs/jobs/engine/job_front.h"

#include <limits>

#include "libs/jobs/limits.h"

namespace niwaki::jobs {
search::Objectives ObjectivesOf(const std::vector<search::Metric>& objectives,
                                const cost::Cost& cost, const Score& score) {
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
