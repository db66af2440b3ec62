// EventStream: committed changes, told to everyone who subscribed.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_EVENT_STREAM_H_
#define NIWAKI_LIBS_JOBS_ENGINE_EVENT_STREAM_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "libs/jobs/job_events.h"
#include "libs/jobs/store/mutations.h"

namespace niwaki::jobs {

// One commit.
struct CommittedChanges {
  // The rows as they are now.
  Mutations rows;
  // What happened, in order.
  JobEvents events;
};

// Called on the thread that commits, one call at a time, before the answers of the commit's
// commands go out. Must be quick, and must not call the stream; may submit commands.
class EventSubscriber {
 public:
  virtual ~EventSubscriber() = default;

  // Each commit once, in order.
  virtual void OnCommitted(const CommittedChanges& changes) = 0;

  // A commit failed: nothing of it is told, now or later, except as rows beside EngineLoaded.
  virtual void OnCommitFailed(const absl::Status& status) { (void)status; }
};

// Thread-safe.
class EventStream {
 public:
  // Told of every commit from now on, after those who subscribed earlier. `subscriber` stays until
  // Unsubscribe or the end of the stream.
  void Subscribe(EventSubscriber& subscriber);

  // After it returns the subscriber is not called any more; waits for a call that runs. One that is
  // not subscribed is fine.
  void Unsubscribe(EventSubscriber& subscriber);

  // For the one who commits.
  void Publish(const CommittedChanges& changes);
  void PublishFailure(const absl::Status& status);

 private:
  // Held during calls, so that Unsubscribe waits for them.
  absl::Mutex mutex_;
  std::vector<EventSubscriber*> subscribers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_EVENT_STREAM_H_
