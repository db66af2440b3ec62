#include "libs/jobs/engine/worker_registry.h"

#include <algorithm>

#include "libs/base/log.h"

namespace niwaki::jobs {
namespace {

WorkerState StateOf(const WorkerInfo& info, absl::Time now) {
  if (info.drain_time.has_value()) {
    return info.load.held > 0 ? WorkerState::kDraining : WorkerState::kDrained;
  }
  if (info.load.held > 0) return WorkerState::kWorking;
  if (info.leaving) return WorkerState::kGone;
  const bool silent = now - info.last_seen >= WorkerRegistry::kPatience;
  return silent ? WorkerState::kGone : WorkerState::kIdle;
}

}  // namespace

absl::string_view WorkerStateName(WorkerState state) {
  switch (state) {
    case WorkerState::kIdle:
      return "IDLE";
    case WorkerState::kWorking:
      return "WORKING";
    case WorkerState::kDraining:
      return "DRAINING";
    case WorkerState::kDrained:
      return "DRAINED";
    case WorkerState::kGone:
      return "GONE";
  }
  return "UNKNOWN";
}

void WorkerRegistry::SettleOne(WorkerInfo& info, const lease::HolderLoad& load, absl::Time now) {
  info.load = load;
  const WorkerState state = StateOf(info, now);
  if (state == info.state) return;
  info.state = state;
  info.state_since = state == WorkerState::kGone ? info.last_seen : now;
}

WorkerInfo* WorkerRegistry::FindInfo(absl::string_view worker) {
  const auto it = workers_.find(worker);
  return it == workers_.end() ? nullptr : &it->second;
}

void WorkerRegistry::Saw(absl::string_view worker, absl::string_view precision,
                         const lease::HolderLoad& load, absl::Time now, WorkerCall call) {
  WorkerInfo& info = FindOrAdd(worker, now);
  if (!precision.empty()) info.precision = std::string(precision);
  info.last_seen = now;
  if (call == WorkerCall::kToldToLeave) info.leaving = true;
  if (call == WorkerCall::kAsks) {
    info.leaving = false;
    info.trouble.clear();
  }
  SettleOne(info, load, now);
}

WorkerInfo& WorkerRegistry::FindOrAdd(absl::string_view worker, absl::Time now) {
  if (WorkerInfo* known = FindInfo(worker)) return *known;
  if (workers_.size() >= kMaxWorkers) ForgetSomebody();
  WorkerInfo& info = workers_[std::string(worker)];
  info.name = std::string(worker);
  info.state_since = now;
  return info;
}

WorkerRegistry::Meeting WorkerRegistry::Meet(absl::string_view worker, absl::string_view instance,
                                             absl::Time now) {
  if (instance.empty()) return Meeting::kHolder;
  WorkerInfo& info = FindOrAdd(worker, now);
  if (info.instance.empty()) info.instance = std::string(instance);
  if (info.instance == instance) return Meeting::kHolder;
  if (std::find(info.former.begin(), info.former.end(), instance) != info.former.end()) {
    return Meeting::kFormer;
  }
  if (info.former.size() >= kMaxFormer) info.former.erase(info.former.begin());
  info.former.push_back(std::move(info.instance));
  info.instance = std::string(instance);
  return Meeting::kSuccessor;
}

void WorkerRegistry::Left(absl::string_view worker, absl::string_view trouble, absl::Time now) {
  WorkerInfo* info = FindInfo(worker);
  if (info == nullptr) return;
  info->leaving = true;
  info->trouble = std::string(trouble);
  info->last_seen = now;
  SettleOne(*info, {}, now);
}

absl::Time WorkerRegistry::LastCall(absl::string_view precision) const {
  absl::Time last = absl::InfinitePast();
  for (const auto& [name, info] : workers_) {
    const bool stays = !info.drain_time.has_value() && !info.leaving;
    if (stays && info.precision == precision) last = std::max(last, info.last_seen);
  }
  return last;
}

absl::Time WorkerRegistry::LastCallOfProver(absl::string_view precision,
                                            int64_t quantiser_version) const {
  absl::Time last = absl::InfinitePast();
  for (const auto& [name, info] : workers_) {
    const bool stays = !info.drain_time.has_value() && !info.leaving;
    if (stays && info.precision == precision && info.abilities.ProvesWith(quantiser_version)) {
      last = std::max(last, info.last_seen);
    }
  }
  return last;
}

void WorkerRegistry::NoteAbilities(absl::string_view worker, const WorkerAbilities& abilities) {
  if (WorkerInfo* info = FindInfo(worker)) info->abilities = abilities;
}

bool WorkerRegistry::HasOther(const std::set<std::string>& tried, absl::string_view precision,
                              absl::Time now) const {
  return std::any_of(workers_.begin(), workers_.end(), [&](const auto& named) {
    const WorkerInfo& info = named.second;
    return !info.drain_time.has_value() && !info.leaving && info.precision == precision &&
           now - info.last_seen < kPatience && tried.count(info.name) == 0;
  });
}

void WorkerRegistry::CountScored(absl::string_view worker) {
  if (WorkerInfo* info = FindInfo(worker)) ++info->scored;
}

void WorkerRegistry::CountFailed(absl::string_view worker) {
  if (WorkerInfo* info = FindInfo(worker)) ++info->failed;
}

void WorkerRegistry::CountLost(absl::string_view worker) {
  if (WorkerInfo* info = FindInfo(worker)) ++info->lost;
}

bool WorkerRegistry::SetDrain(absl::string_view worker, bool drain, absl::Time now) {
  WorkerInfo* info = FindInfo(worker);
  NIWAKI_CHECK(info != nullptr);
  if (info->drain_time.has_value() == drain) return false;
  info->drain_time.reset();
  if (drain) info->drain_time = now;
  SettleOne(*info, info->load, now);
  return true;
}

void WorkerRegistry::Restore(const DrainedWorker& drained) {
  WorkerInfo& info = workers_[drained.name];
  info.name = drained.name;
  info.precision = drained.precision;
  info.drain_time = drained.drain_time;
  info.state = WorkerState::kDrained;
  info.state_since = drained.drain_time;
}

void WorkerRegistry::Settle(const LoadOf& load_of, absl::Time now) {
  for (auto it = workers_.begin(); it != workers_.end();) {
    WorkerInfo& info = it->second;
    SettleOne(info, load_of(info.name), now);
    const bool forget = info.state == WorkerState::kGone && now - info.last_seen >= kMemory;
    it = forget ? workers_.erase(it) : std::next(it);
  }
}

void WorkerRegistry::ForgetSomebody() {
  auto silent = workers_.end();
  for (auto it = workers_.begin(); it != workers_.end(); ++it) {
    if (it->second.drain_time.has_value()) continue;
    if (silent == workers_.end() || it->second.last_seen < silent->second.last_seen) silent = it;
  }
  if (silent != workers_.end()) workers_.erase(silent);
}

std::optional<WorkerInfo> WorkerRegistry::Find(absl::string_view worker, const LoadOf& load_of,
                                               absl::Time now) const {
  const auto it = workers_.find(worker);
  if (it == workers_.end()) return std::nullopt;
  WorkerInfo info = it->second;
  SettleOne(info, load_of(info.name), now);
  return info;
}

std::vector<WorkerInfo> WorkerRegistry::List(absl::string_view after, size_t limit,
                                             const LoadOf& load_of, absl::Time now) const {
  std::vector<WorkerInfo> list;
  for (auto it = workers_.upper_bound(after); it != workers_.end() && list.size() < limit; ++it) {
    list.push_back(*Find(it->first, load_of, now));
  }
  return list;
}

std::vector<std::string> WorkerRegistry::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, info] : workers_) names.push_back(name);
  return names;
}

}  // namespace niwaki::jobs
