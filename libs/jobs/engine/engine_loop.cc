// What holds here, and what would break without it:
//
// - An answer leaves after the commit that holds its effect: `done` runs only at the end of
// RunOnce.
//   Answered earlier, a crash would undo what somebody was promised.
// - Memory is never ahead of the disk beyond one RunOnce: when a commit fails, the engine goes and
// is
//   loaded again. Kept, it would hand out leases and scores that no row knows.
// - Whether a failed commit took effect is not known. So nothing is concluded from the error: the
//   load tells, and TellLoaded passes on what it finds, also of jobs that ended in the lost commit.
// - One epoch for the life of the loop: it is begun in Create and never again. A loop that began a
//   new one after LEADER_FENCED would take the lead back from whoever has it now.
// - engine_, waiters_ and the timers belong to the loop's thread; the mutex guards the queues only
// and
//   is never held while a command, a `done`, the store or a subscriber runs, since each may Submit.
// - What was read ahead is good until TakeMutations only: after it, the rows may be others'.

#include "libs/jobs/engine/engine_loop.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/synchronization/notification.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::jobs {
namespace {

constexpr absl::Duration kForgetPeriod = absl::Minutes(10);
constexpr absl::Duration kReloadPause = absl::Seconds(1);

absl::Status ShuttingDown() {
  return Error(absl::StatusCode::kUnavailable, reason::kShuttingDown)
      .Message("the coordinator is shutting down");
}

absl::Status QueueFull(size_t limit) {
  return Error(absl::StatusCode::kResourceExhausted, reason::kQueueFull)
      .Field("commands")
      .Value(limit)
      .Limit(limit)
      .Message("too many calls wait for the coordinator");
}

}  // namespace

absl::StatusOr<std::unique_ptr<EngineLoop>> EngineLoop::Create(JobStore& store, Clock& clock,
                                                               EngineLoopOptions options) {
  std::unique_ptr<EngineLoop> loop(new EngineLoop(store, clock, options));
  NIWAKI_ASSIGN_OR_RETURN(loop->epoch_, store.BeginEpoch());
  NIWAKI_ASSIGN_OR_RETURN(loop->engine_,
                          JobEngine::Load(store, loop->options_.engine, clock.Now()));
  NIWAKI_RETURN_IF_ERROR(loop->TellLoaded(/*again=*/false));
  return loop;
}

absl::StatusOr<std::unique_ptr<EngineLoop>> EngineLoop::Start(JobStore& store, Clock& clock,
                                                              EngineLoopOptions options) {
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<EngineLoop> loop, Create(store, clock, options));
  loop->thread_ = std::thread([raw = loop.get()] { raw->Loop(); });
  return loop;
}

EngineLoop::~EngineLoop() { Stop(); }

absl::Duration EngineLoop::reaper_period() const {
  return options_.reaper_period > absl::ZeroDuration()
             ? options_.reaper_period
             : std::min(options_.engine.lease_ttl, options_.engine.max_lease) / 3;
}

void EngineLoop::Submit(Apply apply, Done done, ExpectedReads reads) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = ShuttingDown();
    } else if (queue_.size() >= options_.max_queue) {
      refused = QueueFull(options_.max_queue);
    } else {
      queue_.push_back({std::move(apply), std::move(done), std::move(reads)});
      return;
    }
  }
  done(refused);
}

absl::Status EngineLoop::Run(Apply apply, ExpectedReads reads) {
  absl::Notification ready;
  absl::Status result;
  const auto done = [&](const absl::Status& status) {
    result = status;
    ready.Notify();
  };
  Submit(std::move(apply), done, std::move(reads));
  ready.WaitForNotification();
  return result;
}

void EngineLoop::SubmitWaiting(WaitingCommand command) {
  const absl::Time deadline = clock_.Now() + command.timeout;
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = ShuttingDown();
    } else if (waiting_ >= options_.max_queue) {
      refused = QueueFull(options_.max_queue);
    } else {
      ++waiting_;
      arrived_.push_back({std::move(command), deadline});
      return;
    }
  }
  command.done(refused);
}

absl::Status EngineLoop::Probe() {
  absl::Notification ready;
  absl::Status result;
  const auto done = [&](const absl::Status& status) {
    result = status;
    ready.Notify();
  };
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return ShuttingDown();
    Command probe;
    probe.done = done;
    probe.probe = true;
    queue_.push_back(std::move(probe));
  }
  ready.WaitForNotification();
  return result;
}

void EngineLoop::StopWaiting() {
  absl::MutexLock lock(&mutex_);
  waits_ended_ = true;
}

void EngineLoop::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    waits_ended_ = true;
  }
  absl::MutexLock lock(&join_mutex_);
  if (thread_.joinable()) {
    thread_.join();
  } else {
    while (!IsFinished()) RunOnce();
  }
}

bool EngineLoop::HasSomething() const {
  return !queue_.empty() || !arrived_.empty() || stopping_ || waits_ended_ != waits_ended_seen_;
}

absl::Time EngineLoop::NextTimer() const {
  absl::Time next = engine_ == nullptr ? next_load_ : std::min(next_reap_, next_forget_);
  for (const Waiter& waiter : waiters_) next = std::min(next, waiter.deadline);
  return next;
}

bool EngineLoop::IsFinished() const {
  absl::MutexLock lock(&mutex_);
  return stopping_ && queue_.empty() && arrived_.empty() && waiters_.empty();
}

void EngineLoop::Loop() {
  const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return HasSomething(); };
  while (!IsFinished()) {
    {
      const absl::Time timer = NextTimer();
      absl::MutexLock lock(&mutex_);
      clock_.AwaitWithDeadline(mutex_, absl::Condition(&something), timer);
    }
    RunOnce();
  }
}

bool EngineLoop::Step() {
  if (IsFinished()) return false;
  bool due = NextTimer() <= clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    due |= HasSomething();
  }
  if (due) RunOnce();
  return due;
}

std::vector<EngineLoop::Command> EngineLoop::TakeGroup() {
  std::vector<Command> group;
  absl::MutexLock lock(&mutex_);
  while (!queue_.empty() && group.size() < options_.max_group) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  waiters_.splice(waiters_.end(), arrived_);
  waits_ended_seen_ = waits_ended_;
  if (waits_ended_) {
    for (Waiter& waiter : waiters_) waiter.deadline = absl::InfinitePast();
  }
  return group;
}

absl::Status EngineLoop::EnsureEngine(absl::Time now) {
  if (engine_ != nullptr) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(engine_, JobEngine::Load(store_, options_.engine, now));
  return TellLoaded(/*again=*/true);
}

absl::Status EngineLoop::TellLoaded(bool again) {
  CommittedChanges changes;
  const std::vector<int64_t> live = engine_->LiveJobs();
  for (const int64_t uid : live) changes.rows.jobs.emplace(uid, engine_->JobOf(uid));
  for (const int64_t uid : told_live_) {
    if (changes.rows.jobs.count(uid) > 0) continue;
    // It ended in the commit that seemed to fail.
    NIWAKI_ASSIGN_OR_RETURN(std::optional<Job> job, store_.FindJobByUid(uid));
    if (job.has_value()) {
      changes.rows.jobs.emplace(uid, *std::move(job));
    } else {
      changes.rows.deleted_jobs.insert(uid);
    }
  }
  changes.events.push_back(EngineLoaded{static_cast<int64_t>(live.size()), again});
  Tell(changes);
  return absl::OkStatus();
}

void EngineLoop::Tell(const CommittedChanges& changes) {
  for (const int64_t uid : changes.rows.deleted_jobs) told_live_.erase(uid);
  for (const auto& [uid, job] : changes.rows.jobs) {
    if (IsFinal(job.state)) {
      told_live_.erase(uid);
    } else {
      told_live_.insert(uid);
    }
  }
  if (options_.events != nullptr) options_.events->Publish(changes);
}

void EngineLoop::ForgetEngine(const absl::Status& why, absl::Time now) {
  engine_.reset();
  next_load_ = now + kReloadPause;
  if (options_.events != nullptr) options_.events->PublishFailure(why);
}

absl::Status EngineLoop::RunTimers(absl::Time now) {
  if (now >= next_reap_) {
    next_reap_ = now + reaper_period();
    NIWAKI_RETURN_IF_ERROR(engine_->ExpireLeases(now));
    engine_->NoteAbsentWorkers(now);
  }
  if (now >= next_forget_) {
    next_forget_ = now + kForgetPeriod;
    engine_->ForgetRequestsBefore(now - options_.request_memory);
  }
  return absl::OkStatus();
}

bool EngineLoop::MayTry(const Waiter& waiter) const {
  return !waiter.tried || engine_->has_work(waiter.command.precision, waiter.command.abilities) ||
         engine_->IsDraining(waiter.command.worker);
}

void EngineLoop::PrefetchWaiters() {
  // No more than a group's: the work that there is may not last for all who wait.
  std::vector<const ExpectedReads*> reads;
  for (const Waiter& waiter : waiters_) {
    if (reads.size() == options_.max_group) break;
    if (!waiter.command.reads.request_ids.empty() && MayTry(waiter)) {
      reads.push_back(&waiter.command.reads);
    }
  }
  engine_->Prefetch(reads);
}

void EngineLoop::TryWaiters(absl::Time now, std::list<Waiter>& finished) {
  if (engine_ != nullptr) PrefetchWaiters();
  for (auto it = waiters_.begin(); it != waiters_.end();) {
    Waiter& waiter = *it;
    bool ready = true;
    if (waiter.command.cancelled()) {
      waiter.result = absl::CancelledError("the caller has left");
    } else if (engine_ != nullptr && MayTry(waiter)) {
      waiter.tried = true;
      const absl::StatusOr<bool> got = waiter.command.try_apply(*engine_, now);
      waiter.result = got.status();
      ready = !got.ok() || *got || waiter.deadline <= now;
    } else {
      ready = waiter.deadline <= now;
    }
    const auto next = std::next(it);
    if (ready) finished.splice(finished.end(), waiters_, it);
    it = next;
  }
}

absl::Status EngineLoop::ApplyGroup(std::vector<Command>& group, absl::Time now) {
  NIWAKI_RETURN_IF_ERROR(EnsureEngine(now));
  NIWAKI_RETURN_IF_ERROR(RunTimers(now));
  std::vector<const ExpectedReads*> reads;
  for (const Command& command : group) reads.push_back(&command.reads);
  engine_->Prefetch(reads);
  for (Command& command : group) {
    if (!command.probe) command.result = command.apply(*engine_, now);
  }
  return absl::OkStatus();
}

absl::Status EngineLoop::CommitAndTell(absl::Time now) {
  CommittedChanges changes;
  changes.rows = engine_->TakeMutations(now);
  changes.events = engine_->TakeEvents();
  if (!changes.rows.empty()) NIWAKI_RETURN_IF_ERROR(store_.Commit(changes.rows, epoch_));
  if (!changes.rows.empty() || !changes.events.empty()) Tell(changes);
  return absl::OkStatus();
}

void EngineLoop::RunOnce() {
  std::vector<Command> group = TakeGroup();
  const absl::Time now = clock_.Now();
  std::list<Waiter> finished;
  absl::Status lost = ApplyGroup(group, now);
  if (lost.ok()) {
    TryWaiters(now, finished);
    lost = CommitAndTell(now);
  }
  if (!lost.ok()) {
    ForgetEngine(lost, now);
    TryWaiters(now, finished);
  }
  {
    absl::MutexLock lock(&mutex_);
    waiting_ -= finished.size();
  }
  for (Command& command : group) {
    if (command.probe && lost.ok()) command.result = store_.Probe(epoch_);
    command.done(lost.ok() ? command.result : lost);
  }
  for (Waiter& waiter : finished) waiter.command.done(lost.ok() ? waiter.result : lost);
}

}  // namespace niwaki::jobs
