// JobFront: the scored candidates of one job that no other dominates.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_JOB_FRONT_H_
#define NIWAKI_LIBS_JOBS_ENGINE_JOB_FRONT_H_

#include <cstdint>
#include <vector>

#include "libs/cost/cost.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/score.h"
#include "libs/search/front/objectives.h"
#include "libs/search/front/pareto_front.h"
#include "libs/search/metric.h"

namespace niwaki::jobs {

// What `objectives` are for a scored candidate, all to be minimised. New candidates have
// all of them (LimitsOf); in rows of before a metric that the device has no figure for counts as
// the worst possible.
search::Objectives ObjectivesOf(const std::vector<search::Metric>& objectives,
                                const cost::Cost& cost, const Score& score);

// Not thread-safe. What is on it does not depend on the order of Add.
class JobFront {
 public:
  explicit JobFront(const std::vector<search::Metric>& objectives);

  // Takes a scored candidate in; each slot once.
  void Add(const Candidate& candidate);

  int64_t size() const { return front_.size(); }

  // Slots of the front, best first objective first; ties by the second objective, and so on.
  std::vector<int64_t> Slots() const;

 private:
  std::vector<search::Metric> objectives_;
  search::ParetoFront front_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_JOB_FRONT_H_
