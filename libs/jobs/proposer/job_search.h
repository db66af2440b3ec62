// JobSearch: the search of one job, between the scheduler of libs/search and the job's rows.
//
// It turns the scheduler's probes into questions for the CostSource, its decisions into proposals
// for the engine, and the rows that the engine completed into the scheduler's outcomes. Rebuilt
// from the rows at any time it goes on with the same search.

#ifndef NIWAKI_LIBS_JOBS_PROPOSER_JOB_SEARCH_H_
#define NIWAKI_LIBS_JOBS_PROPOSER_JOB_SEARCH_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/cost/cost.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/job.h"
#include "libs/jobs/limits.h"
#include "libs/jobs/proposer/cost_source.h"
#include "libs/jobs/store/job_store.h"
#include "libs/search/constraint.h"
#include "libs/search/metric.h"
#include "libs/search/slot_scheduler.h"

namespace niwaki::jobs {

// Not thread-safe.
class JobSearch {
 public:
  // The search of `job`, to the end of its slots(), with everything that its rows in `reader` say.
  // When slots are added, or members refused, a new one is restored: that is what makes the slots
  // that follow depend on rows alone. DataLoss when they cannot
  // come from this search; the reader's errors.
  static absl::StatusOr<std::unique_ptr<JobSearch>> Restore(const Job& job,
                                                            const JobReader& reader);

  // Decides what can be decided now: asks `costs`, one batch of at most 256, and gives the new
  // proposals in slot order. Nothing is left to do when the result is empty and `idle()`. After an
  // error the same can be asked again. The errors of `costs`, DEVICE_CHANGED among them.
  absl::StatusOr<std::vector<Proposal>> Advance(CostSource& costs);

  // Advance has nothing to do until the next outcome.
  bool idle() const { return idle_; }

  // A row of the job that has its outcome. Rows that were known are ignored.
  void SetOutcome(const Candidate& candidate);

  const Job& job() const { return job_; }

 private:
  JobSearch(const Job& job, arch::SearchSpace space)
      : job_(job),
        limits_(LimitsOf(job.spec)),
        space_(std::make_unique<arch::SearchSpace>(std::move(space))) {}

  absl::Status RestoreRow(const Candidate& candidate);
  search::Outcome OutcomeOf(const Candidate& candidate) const;
  // Whether the probe is within the limits; keeps its cost then, and else what was not known.
  bool Admit(const search::Probe& probe, const cost::Cost& cost);
  Proposal ProposalOf(const search::Decision& decision);

  const Job job_;
  const std::vector<search::Constraint> limits_;
  // Referred to by the scheduler.
  const std::unique_ptr<const arch::SearchSpace> space_;
  std::unique_ptr<search::SlotScheduler> scheduler_;
  // Slots with a network and without an outcome.
  std::set<int64_t> awaited_;
  // Costs of feasible probes of undecided slots.
  std::map<std::pair<int64_t, arch::SubnetId>, cost::Cost> costs_;
  // Of undecided slots: how many probes broke a limit with a figure that is not known.
  std::map<int64_t, std::map<search::Metric, int64_t>> unknown_;
  // Of undecided slots: the cost of the least SRAM among the probes that need too much.
  std::map<int64_t, cost::Cost> smallest_;
  bool idle_ = false;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROPOSER_JOB_SEARCH_H_
