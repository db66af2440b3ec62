#include "libs/jobs/engine/engine_loop.h"

#include <algorithm>
#include <utility>

#include "absl/synchronization/notification.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
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

absl::StatusOr<std::unique_ptr<EngineLoop>> EngineLoop::Start(JobStore& store, Clock& clock,
                                                              EngineLoopOptions options) {
  std::unique_ptr<EngineLoop> loop(new EngineLoop(store, clock, std::move(options)));
  NIWAKI_ASSIGN_OR_RETURN(loop->engine_,
                          JobEngine::Load(store, loop->options_.engine, clock.Now()));
  loop->thread_ = std::thread([raw = loop.get()] { raw->Loop(); });
  return loop;
}

EngineLoop::~EngineLoop() { Stop(); }

absl::Duration EngineLoop::reaper_period() const {
  return options_.reaper_period > absl::ZeroDuration()
             ? options_.reaper_period
             : std::min(options_.engine.lease_ttl, options_.engine.max_lease) / 3;
}

void EngineLoop::Submit(Apply apply, Done done) {
  absl::Status refused;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      refused = ShuttingDown();
    } else if (queue_.size() >= options_.max_queue) {
      refused = QueueFull(options_.max_queue);
    } else {
      queue_.push_back({std::move(apply), std::move(done)});
      return;
    }
  }
  done(refused);
}

absl::Status EngineLoop::Run(Apply apply) {
  absl::Notification ready;
  absl::Status result;
  Submit(std::move(apply), [&](const absl::Status& status) {
    result = status;
    ready.Notify();
  });
  ready.WaitForNotification();
  return result;
}

void EngineLoop::SubmitWaiting(WaitingCommand command) {
  const absl::Time deadline = clock_.Now() + command.timeout;
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_ && arrived_.size() < options_.max_queue) {
      arrived_.push_back({std::move(command), deadline});
      return;
    }
  }
  command.done(ShuttingDown());
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
  if (thread_.joinable()) thread_.join();
}

bool EngineLoop::HasSomething() const {
  return !queue_.empty() || !arrived_.empty() || stopping_ || waits_ended_ != waits_ended_seen_;
}

absl::Time EngineLoop::NextTimer() const {
  absl::Time next = engine_ == nullptr ? next_load_ : std::min(next_reap_, next_forget_);
  for (const Waiter& waiter : waiters_) next = std::min(next, waiter.deadline);
  return next;
}

bool EngineLoop::TakeGroup(std::vector<Command>& group, std::list<Waiter>& arrived) {
  const absl::Time timer = NextTimer();
  absl::MutexLock lock(&mutex_);
  const auto something = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return HasSomething(); };
  clock_.AwaitWithDeadline(mutex_, absl::Condition(&something), timer);
  while (!queue_.empty() && group.size() < options_.max_group) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  arrived.splice(arrived.end(), arrived_);
  waits_ended_seen_ = waits_ended_;
  if (waits_ended_) {
    for (Waiter& waiter : waiters_) waiter.deadline = absl::InfinitePast();
    for (Waiter& waiter : arrived) waiter.deadline = absl::InfinitePast();
  }
  return !(stopping_ && group.empty() && arrived.empty() && waiters_.empty());
}

void EngineLoop::Loop() {
  while (true) {
    std::vector<Command> group;
    std::list<Waiter> arrived;
    if (!TakeGroup(group, arrived)) return;
    waiters_.splice(waiters_.end(), arrived);
    RunGroup(group);
  }
}

absl::Status EngineLoop::EnsureEngine(absl::Time now) {
  if (engine_ != nullptr) return absl::OkStatus();
  auto engine = JobEngine::Load(store_, options_.engine, now);
  if (!engine.ok()) {
    next_load_ = now + kReloadPause;
    return engine.status();
  }
  engine_ = *std::move(engine);
  Log(Severity::kWarning, "engine_reloaded", {{"jobs", engine_->LiveJobs().size()}});
  return absl::OkStatus();
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

void EngineLoop::TryWaiters(absl::Time now, std::list<Waiter>& finished) {
  for (auto it = waiters_.begin(); it != waiters_.end();) {
    Waiter& waiter = *it;
    bool ready = true;
    if (waiter.command.cancelled()) {
      waiter.result = absl::CancelledError("the caller has left");
    } else if (engine_ == nullptr) {
      ready = waiter.deadline <= now;
    } else if (!waiter.tried || engine_->has_work(waiter.command.precision) ||
               engine_->IsDraining(waiter.command.worker)) {
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
  for (Command& command : group) {
    if (!command.probe) command.result = command.apply(*engine_, now);
  }
  return absl::OkStatus();
}

void EngineLoop::RunGroup(std::vector<Command>& group) {
  const absl::Time now = clock_.Now();
  std::list<Waiter> finished;
  Mutations mutations;
  absl::Status lost = ApplyGroup(group, now);
  if (lost.ok()) {
    TryWaiters(now, finished);
    mutations = engine_->TakeMutations(now);
    if (!mutations.empty()) lost = store_.Commit(mutations);
  }
  if (lost.ok()) {
    if (options_.on_committed && !mutations.empty()) options_.on_committed(mutations);
  } else {
    Log(Severity::kError, "commit_failed", {{"status", lost.ToString()}});
    // Memory is ahead of the disk: forget it.
    engine_.reset();
    next_load_ = now + kReloadPause;
    TryWaiters(now, finished);
  }
  for (Command& command : group) {
    if (command.probe && lost.ok()) command.result = store_.Probe();
    command.done(lost.ok() ? command.result : lost);
  }
  for (Waiter& waiter : finished) waiter.command.done(lost.ok() ? waiter.result : lost);
}

}  // namespace niwaki::jobs
