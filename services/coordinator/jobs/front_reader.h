// FrontReader: the front of any job, live or ended, page by page.

#ifndef NIWAKI_SERVICES_COORDINATOR_JOBS_FRONT_READER_H_
#define NIWAKI_SERVICES_COORDINATOR_JOBS_FRONT_READER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/job.h"
#include "libs/jobs/score.h"
#include "libs/jobs/store/job_store.h"

namespace niwaki::coordinator {

// Thread-safe. Both collaborators outlive it.
class FrontReader {
 public:
  // Slots of a front, best first objective first, and its identity: the same front of the same job
  // has the same etag.
  struct Front {
    std::vector<int64_t> slots;
    std::string etag;
  };

  FrontReader(jobs::EngineLoop& loop, const jobs::JobReader& reader)
      : loop_(loop), reader_(reader) {}

  // The front of `job` as committed. A live job's comes from the engine, an ended one's is computed
  // from its rows once and remembered for a while.
  absl::StatusOr<std::shared_ptr<const Front>> FrontOf(const jobs::Job& job);

  // The candidates of `count` slots of a front from `begin` on.
  absl::StatusOr<std::vector<jobs::Candidate>> Candidates(const jobs::Job& job, const Front& front,
                                                          int64_t begin, int64_t count) const;

  // Scores of these candidates of `job` on the test split, by slot; those that are known. None for
  // a job that scores on that split itself.
  absl::StatusOr<std::map<int64_t, jobs::Score>> TestScores(
      const jobs::Job& job, const std::vector<jobs::Candidate>& candidates) const;

 private:
  absl::StatusOr<std::vector<int64_t>> ComputeSlots(const jobs::Job& job) const;

  jobs::EngineLoop& loop_;
  const jobs::JobReader& reader_;
  absl::Mutex mutex_;
  // Fronts of ended jobs, newest last. Shared because a reader may use one while it is dropped.
  std::deque<std::pair<int64_t, std::shared_ptr<const Front>>> ended_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_JOBS_FRONT_READER_H_
