// ProofDriver: the thread that carries proofs on between workers.
//
// The engine keeps proofs and leases them; what needs many rows or other machines is done here.
// Once no proof of a job is under way and every slot has its outcome it plans (proof_plan.h);
// networks that workers made it has measured (ProofBoards), and hands in what came of it. All it
// knows are committed rows: it may be killed at any time, and what it asks for twice is asked under
// one request id. While the oracle is away, or no board takes a measurement, the job says so in its
// state_reason.
//
//   ProofDriver driver(store, boards, clock, options);
//   events.Subscribe(driver);
//   auto loop = EngineLoop::Start(store, clock, {.events = &events});
//   driver.Start(**loop);
//
// A test that moves its own clock calls Step instead of Start.

#ifndef NIWAKI_LIBS_JOBS_PROOF_PROOF_DRIVER_H_
#define NIWAKI_LIBS_JOBS_PROOF_PROOF_DRIVER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/job.h"
#include "libs/jobs/proof/proof_boards.h"
#include "libs/jobs/store/job_store.h"

namespace niwaki::jobs {

struct ProofDriverOptions {
  // Pauses between tries while the oracle or the store fails.
  absl::Duration min_pause = absl::Milliseconds(100);
  absl::Duration max_pause = absl::Seconds(5);
  // Between looks at measurements, and how long one look waits.
  absl::Duration poll_pause = absl::Milliseconds(100);
  absl::Duration poll_wait = absl::Seconds(1);
  // A member that no board took for this long is proven without one.
  absl::Duration board_patience = absl::Minutes(10);
};

// Thread-safe, except for Step. Subscribed to the events of its loop before that is created.
class ProofDriver : public EventSubscriber {
 public:
  // `reader`, `boards` and `clock` outlive the driver. It does nothing before Start.
  ProofDriver(const JobReader& reader, ProofBoards& boards, Clock& clock,
              ProofDriverOptions options)
      : reader_(reader), boards_(boards), clock_(clock), options_(options) {}
  // Stops.
  ~ProofDriver() override;
  ProofDriver(const ProofDriver&) = delete;
  ProofDriver& operator=(const ProofDriver&) = delete;

  // Cheap.
  void OnCommitted(const CommittedChanges& changes) override;

  // Starts the thread; `loop` outlives it.
  void Start(EngineLoop& loop);

  // Does what there is to do now, without waiting; false when there was nothing. Only on a driver
  // without a thread, always with the same `loop`.
  bool Step(EngineLoop& loop);

  // Joins the thread; call before the loop ends. Waits for a running call of the ProofBoards.
  // Idempotent.
  void Stop();

 private:
  // A job that may have proofs to be carried on.
  struct Work {
    // There may be something to do.
    bool due = true;
    // Commands on their way.
    int sent = 0;
    absl::Time next_try = absl::InfinitePast();
    absl::Duration pause;
    // The job's state_reason tells why its proof stands still.
    std::string excuse;
    // Since when no board takes a member's measurement, by slot.
    std::map<int64_t, absl::Time> waits_since;
  };

  struct Answers {
    int count = 0;
    bool lost = false;
  };

  void Loop();
  void Wait(absl::Time until);
  bool stopping() const;
  bool RunOnce();
  void TakeNews();
  absl::Time NextTry() const;
  // Whether the job has not ended.
  absl::StatusOr<bool> Advance(int64_t job_uid, Work& work);
  absl::Status Plan(const Job& job, Work& work);
  absl::Status CarryOn(const Job& job, Work& work);
  absl::Status Measure(const Job& job, const Candidate& candidate, Work& work);
  absl::Status FollowUp(const Job& job, const Candidate& candidate, absl::Duration wait, Work& work,
                        std::string& waiting);
  void Send(int64_t job_uid, Work& work, EngineLoop::Apply apply);
  void SetExcuse(int64_t job_uid, Work& work, const std::string& excuse);
  void Retry(int64_t job_uid, Work& work, const absl::Status& why);

  const JobReader& reader_;
  ProofBoards& boards_;
  Clock& clock_;
  const ProofDriverOptions options_;
  EngineLoop* loop_ = nullptr;

  // The thread only.
  std::map<int64_t, Work> work_;

  mutable absl::Mutex mutex_;
  // Jobs that changed; all of them are read again after the engine was loaded.
  std::set<int64_t> changed_ ABSL_GUARDED_BY(mutex_);
  // Of jobs whose commands were answered: how many, and whether one was not committed.
  std::map<int64_t, Answers> answered_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::thread thread_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROOF_PROOF_DRIVER_H_
