// Proposer: the thread that keeps every running job supplied with candidates.
//
// It holds a JobSearch for each live job, asks the CostSource (which may block: that is why this is
// not the engine's thread) and hands proposals to the EngineLoop. What it knows of jobs it hears
// from the loop's event stream: which are live (EngineLoaded, at the start and whenever the engine
// had to be loaded again: then every search is restored from its rows), their states, and the
// outcomes of their candidates. A job that scores the front of another one gets that front instead
// of a search. While the oracle is away a job stays as it is, says so in its
// state_reason, and is tried again with growing pauses.
//
//   EventStream events;
//   Proposer proposer(store, costs, clock, options);
//   events.Subscribe(proposer);
//   auto loop = EngineLoop::Start(store, clock, {.events = &events});
//   proposer.Start(**loop);
//
// A test that moves its own clock calls Step instead of Start.

#ifndef NIWAKI_LIBS_JOBS_PROPOSER_PROPOSER_H_
#define NIWAKI_LIBS_JOBS_PROPOSER_PROPOSER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/proposer/cost_source.h"
#include "libs/jobs/proposer/job_search.h"
#include "libs/jobs/store/job_store.h"

namespace niwaki::jobs {

struct ProposerOptions {
  // Pauses between tries while the oracle or the store fails.
  absl::Duration min_pause = absl::Milliseconds(100);
  absl::Duration max_pause = absl::Seconds(5);
};

// Thread-safe, except for Step. Subscribed to the events of its loop before that is created.
class Proposer : public EventSubscriber {
 public:
  // `reader`, `costs` and `clock` outlive the proposer. It proposes nothing before Start.
  Proposer(const JobReader& reader, CostSource& costs, Clock& clock, ProposerOptions options)
      : reader_(reader), costs_(costs), clock_(clock), options_(options) {}
  // Stops.
  ~Proposer() override;
  Proposer(const Proposer&) = delete;
  Proposer& operator=(const Proposer&) = delete;

  // Cheap.
  void OnCommitted(const CommittedChanges& changes) override;

  // Starts the thread that proposes to `loop`, which outlives it.
  void Start(EngineLoop& loop);

  // Does what there is to do now, without waiting; false when there was nothing. Only on a proposer
  // without a thread, always with the same `loop`.
  bool Step(EngineLoop& loop);

  // Joins the thread; call before the loop ends. Waits for a running call of the CostSource.
  // Idempotent.
  void Stop();

 private:
  struct Search {
    // Which search of the job this is: an answer to an earlier one's batch is not for it.
    int64_t generation = 0;
    // Null until it could be restored, and for a job that scores a front.
    std::unique_ptr<JobSearch> search;
    // The front to score is among `unsent`, or was.
    bool front_read = false;
    JobState state = JobState::kQueued;
    // Of the job; a search of fewer is over.
    int64_t slots = 0;
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
    int64_t generation = 0;
    size_t count = 0;
    absl::Status status;
  };
  struct News {
    // The engine was loaded: `states` are those of all live jobs, and searches begin anew.
    bool loaded = false;
    // State and slots.
    std::map<int64_t, std::pair<JobState, int64_t>> states;
    std::vector<std::pair<int64_t, Candidate>> outcomes;
    std::vector<Sent> sent;
    bool empty() const { return !loaded && states.empty() && outcomes.empty() && sent.empty(); }
  };

  void Loop();
  // Until there is news, or then.
  void Wait(absl::Time until);
  bool stopping() const;
  // Takes what is new and works on every job that is due; whether there is more to do at once.
  bool RunOnce();
  void Take(News& news);
  void TakeSent(const Sent& sent);
  // Works on one job; whether there is more to do at once.
  bool Advance(int64_t job_uid, Search& search);
  absl::Status Restore(int64_t job_uid, Search& search);
  void Send(int64_t job_uid, Search& search);
  // Retries later, or fails the job when trying again cannot help.
  void Excuse(int64_t job_uid, Search& search, const absl::Status& status);
  void ClearExcuse(int64_t job_uid, Search& search);
  // When the first pause ends that the last RunOnce found unfinished.
  absl::Time NextTry() const;

  const JobReader& reader_;
  CostSource& costs_;
  Clock& clock_;
  const ProposerOptions options_;
  EngineLoop* loop_ = nullptr;

  // The thread only.
  std::map<int64_t, Search> searches_;
  int64_t generation_ = 0;
  bool more_ = false;
  // When the last RunOnce looked.
  absl::Time ran_at_ = absl::InfinitePast();

  mutable absl::Mutex mutex_;
  News news_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::thread thread_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROPOSER_PROPOSER_H_
