#include "services/coordinator/jobs/job_feed.h"

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

int64_t JobFeed::Watch(int64_t job_uid, Listener listener, TroubleListener on_trouble) {
  absl::MutexLock lock(&mutex_);
  if (closed_) listener(nullptr);
  if (on_trouble && !trouble_.empty()) on_trouble(trouble_);
  const int64_t id = next_id_++;
  watchers_[id] = {job_uid, std::move(listener), std::move(on_trouble)};
  return id;
}

void JobFeed::SetTrouble(const std::string& trouble) {
  absl::MutexLock lock(&mutex_);
  if (trouble == trouble_) return;
  trouble_ = trouble;
  for (const auto& [id, watcher] : watchers_) {
    if (watcher.on_trouble) watcher.on_trouble(trouble_);
  }
}

std::string JobFeed::trouble() const {
  absl::MutexLock lock(&mutex_);
  return trouble_;
}

void JobFeed::Unwatch(int64_t watch_id) {
  absl::MutexLock lock(&mutex_);
  watchers_.erase(watch_id);
}

void JobFeed::Complete(jobs::Job& job) const {
  absl::MutexLock lock(&mutex_);
  const auto it = remaining_.find(job.uid);
  job.remaining.reset();
  if (it != remaining_.end()) job.remaining = it->second;
  if (!trouble_.empty() && !IsFinal(job.state)) job.state_reason = trouble_;
}

void JobFeed::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  for (const auto& [id, watcher] : watchers_) watcher.listener(nullptr);
}

}  // namespace niwaki::coordinator
