// EngineLoop: the one thread that drives a JobEngine and lets answers out only after their commit.
//
// It takes what is queued (up to `max_group` commands), applies each, commits all their rows in one
// transaction, tells the listener, then runs the commands' `done`. When the commit fails every
// `done` of the group gets the error, and the engine is loaded again from the store, so memory
// never runs ahead of the disk. Workers that wait for candidates wait here, as entries of a list,
// not as threads.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_ENGINE_LOOP_H_
#define NIWAKI_LIBS_JOBS_ENGINE_ENGINE_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/store/job_store.h"
#include "libs/jobs/store/mutations.h"
#include "libs/store/request_log.h"

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
  // Called on the loop's thread after each commit with what it held, before the answers. Must not
  // block.
  std::function<void(const Mutations&)> on_committed;
};

// Thread-safe.
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
    TryApply try_apply;
    // Whether nobody listens any more.
    std::function<bool()> cancelled;
    absl::Duration timeout;
    Done done;
  };

  // Loads the engine and starts the thread. `store` and `clock` outlive the loop. The error of the
  // load.
  static absl::StatusOr<std::unique_ptr<EngineLoop>> Start(JobStore& store, Clock& clock,
                                                           EngineLoopOptions options);
  // Stops.
  ~EngineLoop();
  EngineLoop(const EngineLoop&) = delete;
  EngineLoop& operator=(const EngineLoop&) = delete;

  // Queues a command. When it cannot be queued, `done` is called at once, on the caller's thread,
  // with ResourceExhausted QUEUE_FULL or Unavailable SHUTTING_DOWN.
  void Submit(Apply apply, Done done);

  // Submits and waits. Not from the loop's thread.
  absl::Status Run(Apply apply);

  // Tries now, and again whenever the engine has work of the precision, until `try_apply` says true
  // or an error, or `timeout` has passed (then `done` gets OK all the same; `try_apply` knows that
  // it never said true), or `cancelled` says that nobody listens any more.
  void SubmitWaiting(WaitingCommand command);

  // The store's probe, on the loop's thread. Blocks.
  absl::Status Probe();

  // Answers everyone who waits with nothing, finishes the queue, refuses what comes later, joins.
  // Idempotent.
  void Stop();

  // Ends all waits now, and later ones at once, without stopping: for an orderly shutdown.
  void StopWaiting();

 private:
  struct Command {
    Apply apply;
    Done done;
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
      : store_(store), clock_(clock), options_(std::move(options)) {}

  void Loop();
  // Waits for something to do and takes it; false when stopped and empty.
  bool TakeGroup(std::vector<Command>& group, std::list<Waiter>& arrived);
  bool HasSomething() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time NextTimer() const;
  void RunGroup(std::vector<Command>& group);
  absl::Status ApplyGroup(std::vector<Command>& group, absl::Time now);
  absl::Status RunTimers(absl::Time now);
  // Moves those that are finished from waiters_ to `finished`.
  void TryWaiters(absl::Time now, std::list<Waiter>& finished);
  absl::Status EnsureEngine(absl::Time now);
  absl::Duration reaper_period() const;

  JobStore& store_;
  Clock& clock_;
  const EngineLoopOptions options_;

  // The loop's thread only.
  std::unique_ptr<JobEngine> engine_;
  std::list<Waiter> waiters_;
  absl::Time next_reap_ = absl::InfinitePast();
  absl::Time next_forget_ = absl::InfinitePast();
  // Of the engine, after a failed commit.
  absl::Time next_load_ = absl::InfinitePast();

  mutable absl::Mutex mutex_;
  std::deque<Command> queue_ ABSL_GUARDED_BY(mutex_);
  std::list<Waiter> arrived_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool waits_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool waits_ended_seen_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::thread thread_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_ENGINE_LOOP_H_
