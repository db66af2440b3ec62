// EventLog: a line on standard error for each committed change that a person may want to see.

#ifndef NIWAKI_SERVICES_COORDINATOR_EVENT_LOG_H_
#define NIWAKI_SERVICES_COORDINATOR_EVENT_LOG_H_

#include "absl/status/status.h"
#include "libs/jobs/engine/event_stream.h"

namespace niwaki::coordinator {

// Jobs: created, their states, why they stand still, deleted. Leases that expire, candidates that
// fail, conflicts of scores, supernets, failed commits. Not what happens to every candidate: that
// would be thousands of lines a second. Thread-safe.
class EventLog : public jobs::EventSubscriber {
 public:
  void OnCommitted(const jobs::CommittedChanges& changes) override;
  void OnCommitFailed(const absl::Status& status) override;
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_EVENT_LOG_H_
