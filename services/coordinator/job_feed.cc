#include "services/coordinator/job_feed.h"

#include <utility>

namespace niwaki::coordinator {

void JobFeed::OnCommitted(const jobs::CommittedChanges& changes) {
  const jobs::Mutations& rows = changes.rows;
  absl::MutexLock lock(&mutex_);
  for (const auto& [uid, job] : rows.jobs) {
    if (job.remaining.has_value()) {
      remaining_[uid] = *job.remaining;
    } else {
      remaining_.erase(uid);
    }
  }
  for (const int64_t uid : rows.deleted_jobs) remaining_.erase(uid);
  for (const auto& [id, watcher] : watchers_) {
    if (rows.deleted_jobs.count(watcher.job_uid) > 0) watcher.listener(nullptr);
    const auto it = rows.jobs.find(watcher.job_uid);
    if (it != rows.jobs.end()) watcher.listener(&it->second);
  }
}

int64_t JobFeed::Watch(int64_t job_uid, Listener listener) {
  absl::MutexLock lock(&mutex_);
  if (closed_) listener(nullptr);
  const int64_t id = next_id_++;
  watchers_[id] = {job_uid, std::move(listener)};
  return id;
}

void JobFeed::Unwatch(int64_t watch_id) {
  absl::MutexLock lock(&mutex_);
  watchers_.erase(watch_id);
}

std::optional<absl::Duration> JobFeed::RemainingOf(int64_t job_uid) const {
  absl::MutexLock lock(&mutex_);
  const auto it = remaining_.find(job_uid);
  if (it == remaining_.end()) return std::nullopt;
  return it->second;
}

void JobFeed::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  for (const auto& [id, watcher] : watchers_) watcher.listener(nullptr);
}

}  // namespace niwaki::coordinator
