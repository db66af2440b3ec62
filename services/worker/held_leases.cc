#include "services/worker/held_leases.h"

namespace niwaki::worker {

void HeldLeases::Add(const std::string& lease_id, int64_t epoch) {
  absl::MutexLock lock(&mutex_);
  held_[lease_id] = {epoch, /*running=*/false};
}

bool HeldLeases::Start(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = held_.find(lease_id);
  if (found == held_.end()) return false;
  found->second.running = true;
  return true;
}

void HeldLeases::Finish(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = held_.find(lease_id);
  if (found != held_.end()) found->second.running = false;
}

void HeldLeases::Remove(const std::string& lease_id) {
  absl::MutexLock lock(&mutex_);
  held_.erase(lease_id);
}

std::vector<v1::LeaseRef> HeldLeases::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  std::vector<v1::LeaseRef> refs;
  refs.reserve(held_.size());
  for (const auto& [lease_id, held] : held_) {
    v1::LeaseRef& ref = refs.emplace_back();
    ref.set_lease_id(lease_id);
    ref.set_epoch(held.epoch);
    ref.set_running(held.running);
  }
  return refs;
}

bool HeldLeases::empty() const {
  absl::MutexLock lock(&mutex_);
  return held_.empty();
}

}  // namespace niwaki::worker
