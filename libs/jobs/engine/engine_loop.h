// EngineLoop: drives a JobEngine and lets answers out only after their commit.
//
// It takes what is queued (up to `max_group` commands), reads ahead what they will look up, applies
// each, commits all their rows in one transaction, tells the event stream, then runs the commands'
// `done`. When the commit fails every `done` of the group gets the error, nothing is told of it but
// the failure, and the engine is loaded again from the store, so memory never runs ahead of the
// disk; what the lost commit left there is told as EngineLoaded. Workers that wait for candidates
// wait here, as entries of a list, not as threads.
//
// Start gives the loop a thread of its own. A test that moves its own clock calls Create and Step
// instead.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_ENGINE_LOOP_H_
#define NIWAKI_LIBS_JOBS_ENGINE_ENGINE_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/store/job_store.h"
#include "libs/store/request_record.h"

namespace niwaki::jobs {

struct EngineLoopOptions {
  EngineOptions engine;
  // Commands in one commit, at most.
  size_t max_group = 64;
  // Commands waiting, at most.
  size_t max_queue = 65536;
  // How often ended leases are looked for; zero means a third of the ttl or of the hard end.
  absl::Duration reaper_period = absl::ZeroDuration();
  // Answers to repeated requests are kept this long.
  absl::Duration request_memory = store::kRequestMemory;
  // Told of each commit, before the answers; may be null, else outlives the loop. Who subscribed
  // before Create hears of all live jobs (EngineLoaded) first.
  EventStream* events = nullptr;
};

// Thread-safe, except for Step. "The loop's thread" is the one that calls Step where there is none.
class EngineLoop {
 public:
  // Runs on the loop's thread. An error is the command's own answer; the engine's functions change
  // nothing then.
  using Apply = std::function<absl::Status(JobEngine&, absl::Time now)>;
  // Called once, on the loop's thread, after the commit: OK, the command's own error, or the
  // commit's. Must not block; may Submit.
  using Done = std::function<void(const absl::Status&)>;
  // As Apply, for one who waits: false while there is nothing for it yet.
  using TryApply = std::function<absl::StatusOr<bool>(JobEngine&, absl::Time now)>;
  // A command of one who waits for candidates.
  struct WaitingCommand {
    // Who waits. A drain is an answer: one that is drained is tried, whether there is work or not.
    std::string worker;
    // What the waiting worker computes in.
    std::string precision;
    // What it can do.
    WorkerAbilities abilities;
    TryApply try_apply;
    // Whether nobody listens any more.
    std::function<bool()> cancelled;
    absl::Duration timeout;
    Done done;
    ExpectedReads reads;
  };

  // Begins an epoch of the store and loads the engine. `store` and `clock` outlive the loop. The
  // store's errors.
  static absl::StatusOr<std::unique_ptr<EngineLoop>> Create(JobStore& store, Clock& clock,
                                                            EngineLoopOptions options);
  // Creates and starts the thread.
  static absl::StatusOr<std::unique_ptr<EngineLoop>> Start(JobStore& store, Clock& clock,
                                                           EngineLoopOptions options);
  // Stops.
  ~EngineLoop();
  EngineLoop(const EngineLoop&) = delete;
  EngineLoop& operator=(const EngineLoop&) = delete;

  // Queues a command. When it cannot be queued, `done` is called at once, on the caller's thread,
  // with ResourceExhausted QUEUE_FULL or Unavailable SHUTTING_DOWN.
  void Submit(Apply apply, Done done, ExpectedReads reads = {});

  // Submits and waits. Not from the loop's thread.
  absl::Status Run(Apply apply, ExpectedReads reads = {});

  // Tries now, and again whenever the engine has work of the precision, until `try_apply` says true
  // or an error, or `timeout` has passed (then `done` gets OK all the same; `try_apply` knows that
  // it never said true), or `cancelled` says that nobody listens any more. `done` is called at once
  // with ResourceExhausted QUEUE_FULL when `max_queue` wait already, or Unavailable SHUTTING_DOWN.
  void SubmitWaiting(WaitingCommand command);

  // Does what there is to do now, one group and the timers that are due, without waiting; false
  // when there was nothing. Only on a loop without a thread.
  bool Step();

  // The store's probe, on the loop's thread. Blocks. Aborted LEADER_FENCED when another leads.
  absl::Status Probe();

  // Answers everyone who waits with nothing, finishes the queue, refuses what comes later; joins
  // the thread, or does its work where there is none. Idempotent.
  void Stop();

  // Ends all waits now, and later ones at once, without stopping: for an orderly shutdown.
  void StopWaiting();

 private:
  struct Command {
    Apply apply;
    Done done;
    ExpectedReads reads;
    // Health checks: run between commits.
    bool probe = false;
    absl::Status result;
  };
  struct Waiter {
    WaitingCommand command;
    absl::Time deadline;
    // A newcomer is tried even when there is no work: its answer may be a remembered one.
    bool tried = false;
    absl::Status result;
  };

  EngineLoop(JobStore& store, Clock& clock, EngineLoopOptions options)
      : store_(store), clock_(clock), options_(options) {}

  void Loop();
  bool HasSomething() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Stopped, and nothing is left to do.
  bool IsFinished() const;
  absl::Time NextTimer() const;
  // One group.
  void RunOnce();
  std::vector<Command> TakeGroup();
  absl::Status ApplyGroup(std::vector<Command>& group, absl::Time now);
  absl::Status RunTimers(absl::Time now);
  bool MayTry(const Waiter& waiter) const;
  void PrefetchWaiters();
  // Moves those that are finished from waiters_ to `finished`.
  void TryWaiters(absl::Time now, std::list<Waiter>& finished);
  // Commits and tells; the commit's error.
  absl::Status CommitAndTell(absl::Time now);
  void ForgetEngine(const absl::Status& why, absl::Time now);
  absl::Status EnsureEngine(absl::Time now);
  absl::Status TellLoaded(bool again);
  void Tell(const CommittedChanges& changes);
  absl::Duration reaper_period() const;

  JobStore& store_;
  Clock& clock_;
  const EngineLoopOptions options_;
  // Of this leader; set by Create.
  LeaderEpoch epoch_ = 0;

  // The loop's thread only.
  std::unique_ptr<JobEngine> engine_;
  // Jobs that are live as far as the event stream knows.
  std::set<int64_t> told_live_;
  std::list<Waiter> waiters_;
  absl::Time next_reap_ = absl::InfinitePast();
  absl::Time next_forget_ = absl::InfinitePast();
  // Of the engine, after a failed commit.
  absl::Time next_load_ = absl::InfinitePast();

  mutable absl::Mutex mutex_;
  std::deque<Command> queue_ ABSL_GUARDED_BY(mutex_);
  std::list<Waiter> arrived_ ABSL_GUARDED_BY(mutex_);
  // Of arrived_ and waiters_ together.
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool waits_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool waits_ended_seen_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::thread thread_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_ENGINE_LOOP_H_
