#include "libs/jobs/engine/event_stream.h"

#include <algorithm>

namespace niwaki::jobs {

void EventStream::Subscribe(EventSubscriber& subscriber) {
  absl::MutexLock lock(&mutex_);
  subscribers_.push_back(&subscriber);
}

void EventStream::Unsubscribe(EventSubscriber& subscriber) {
  absl::MutexLock lock(&mutex_);
  subscribers_.erase(std::remove(subscribers_.begin(), subscribers_.end(), &subscriber),
                     subscribers_.end());
}

void EventStream::Publish(const CommittedChanges& changes) {
  absl::MutexLock lock(&mutex_);
  for (EventSubscriber* subscriber : subscribers_) subscriber->OnCommitted(changes);
}

void EventStream::PublishFailure(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  for (EventSubscriber* subscriber : subscribers_) subscriber->OnCommitFailed(status);
}

}  // namespace niwaki::jobs
