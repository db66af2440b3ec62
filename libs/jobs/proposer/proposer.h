// Proposer: the thread that keeps every running job supplied with candidates.
//
// It holds a JobSearch for each live job, asks the CostSource (which may block: that is why this is
// not the engine's thread) and hands proposals to the EngineLoop. While the oracle is away a job
// stays as it is, says so in its state_reason, and is tried again with growing pauses.

#ifndef NIWAKI_LIBS_JOBS_PROPOSER_PROPOSER_H_
#define NIWAKI_LIBS_JOBS_PROPOSER_PROPOSER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/proposer/cost_source.h"
#include "libs/jobs/proposer/job_search.h"
#include "libs/jobs/store/job_store.h"
#include "libs/jobs/store/mutations.h"

namespace niwaki::jobs {

struct ProposerOptions {
  // Pauses between tries while the oracle or the store fails.
  absl::Duration min_pause = absl::Milliseconds(100);
  absl::Duration max_pause = absl::Seconds(5);
};

// Thread-safe.
class Proposer {
 public:
  // `reader`, `costs` and `clock` outlive the proposer. It does nothing before Start.
  Proposer(const JobReader& reader, CostSource& costs, Clock& clock, ProposerOptions options)
      : reader_(reader), costs_(costs), clock_(clock), options_(options) {}
  // Stops.
  ~Proposer();
  Proposer(const Proposer&) = delete;
  Proposer& operator=(const Proposer&) = delete;

  // The loop's `on_committed`. Cheap.
  void OnCommitted(const Mutations& mutations);

  // Takes over the jobs that are live in `loop`, which outlives the running thread, and starts it.
  absl::Status Start(EngineLoop& loop);

  // Joins the thread; call before the loop ends. Waits for a running call of the CostSource.
  // Idempotent.
  void Stop();

 private:
  struct Search {
    // Null until it could be restored.
    std::unique_ptr<JobSearch> search;
    JobState state = JobState::kQueued;
    // Decided and not yet in the engine.
    std::vector<Proposal> unsent;
    // A batch of them is on its way.
    bool sending = false;
    absl::Time next_try = absl::InfinitePast();
    absl::Duration pause;
    // The job's state_reason tells of a failure.
    bool excused = false;
  };
  // What happened to a batch of proposals.
  struct Sent {
    int64_t job_uid = 0;
    size_t count = 0;
    absl::Status status;
  };
  struct News {
    std::map<int64_t, JobState> states;
    std::vector<std::pair<int64_t, Candidate>> outcomes;
    std::vector<Sent> sent;
    bool empty() const { return states.empty() && outcomes.empty() && sent.empty(); }
  };

  void Loop();
  bool Wait(absl::Time until, News& news);
  void Take(News& news);
  void TakeSent(const Sent& sent);
  // Works on one job; whether there is more to do at once.
  bool Advance(int64_t job_uid, Search& search);
  absl::Status Restore(int64_t job_uid, Search& search);
  void Send(int64_t job_uid, Search& search);
  // Retries later, or fails the job when trying again cannot help.
  void Excuse(int64_t job_uid, Search& search, const absl::Status& status);
  void ClearExcuse(int64_t job_uid, Search& search);
  absl::Time NextTry() const;

  const JobReader& reader_;
  CostSource& costs_;
  Clock& clock_;
  const ProposerOptions options_;
  EngineLoop* loop_ = nullptr;

  // The thread only.
  std::map<int64_t, Search> searches_;

  absl::Mutex mutex_;
  News news_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::thread thread_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROPOSER_PROPOSER_H_
