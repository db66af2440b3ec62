// JobFeed: the committed state of live jobs, pushed to whoever watches. Subscribed to the loop's
// event stream.

#ifndef NIWAKI_SERVICES_COORDINATOR_JOBS_JOB_FEED_H_
#define NIWAKI_SERVICES_COORDINATOR_JOBS_JOB_FEED_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/job.h"

namespace niwaki::coordinator {

// Thread-safe.
class JobFeed : public jobs::EventSubscriber {
 public:
  // Called with every committed change of the job, in order; null when the feed is closed or the
  // job was deleted. On the thread that commits: must be quick and must not call the feed.
  using Listener = std::function<void(const jobs::Job*)>;

  void OnCommitted(const jobs::CommittedChanges& changes) override;

  // Until Unwatch. A closed feed calls `listener` with null at once. `on_trouble`, which may be
  // null, is called with every new trouble, and at once where there is some, under the same rules.
  using TroubleListener = std::function<void(const std::string&)>;
  int64_t Watch(int64_t job_uid, Listener listener, TroubleListener on_trouble = nullptr);
  // After it returns the listener is not called any more.
  void Unwatch(int64_t watch_id);

  // Why the coordinator cannot get on with any job, in a sentence for users; "" when it can. Tells
  // every watch.
  void SetTrouble(const std::string& trouble);
  std::string trouble() const;

  // Fills in what no row holds: how long a live job still takes, where that is known, and as its
  // state_reason the trouble, if any.
  void Complete(jobs::Job& job) const;

  // Ends every watch, now and later.
  void Close();

 private:
  struct Watcher {
    int64_t job_uid = 0;
    Listener listener;
    TroubleListener on_trouble;
  };

  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<int64_t, Watcher> watchers_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, absl::Duration> remaining_ ABSL_GUARDED_BY(mutex_);
  std::string trouble_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_JOBS_JOB_FEED_H_
