// StoreHealth: whether the coordinator's database takes writes.

#ifndef NIWAKI_SERVICES_COORDINATOR_TROUBLE_STORE_HEALTH_H_
#define NIWAKI_SERVICES_COORDINATOR_TROUBLE_STORE_HEALTH_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/jobs/engine/event_stream.h"
#include "services/coordinator/jobs/job_feed.h"

namespace niwaki::coordinator {

// Thread-safe. Tells the feed of a trouble as soon as a commit or a probe fails, and that it is
// over.
class StoreHealth : public jobs::EventSubscriber {
 public:
  // A small write may find room where a larger one did not: health comes back with a probe that
  // succeeds this long after the last commit that failed.
  static constexpr absl::Duration kQuiet = absl::Seconds(3);

  // Borrows both for its life.
  StoreHealth(JobFeed& feed, Clock& clock) : feed_(feed), clock_(clock) {}

  void OnCommitted(const jobs::CommittedChanges&) override {}
  void OnCommitFailed(const absl::Status& status) override;

  // The store's probe gave `probed`; what the coordinator's health is.
  absl::Status AfterProbe(const absl::Status& probed);

 private:
  JobFeed& feed_;
  Clock& clock_;
  absl::Mutex mutex_;
  // OK where there is none to get over.
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  absl::Time failed_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_TROUBLE_STORE_HEALTH_H_
