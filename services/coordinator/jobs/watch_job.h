// WatchJob: the stream of one watcher.

#ifndef NIWAKI_SERVICES_COORDINATOR_JOBS_WATCH_JOB_H_
#define NIWAKI_SERVICES_COORDINATOR_JOBS_WATCH_JOB_H_

#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "libs/base/clock.h"
#include "libs/jobs/job.h"
#include "libs/jobs/store/job_store.h"
#include "proto/niwaki/v1/job_service.pb.h"
#include "services/coordinator/jobs/job_feed.h"

namespace niwaki::coordinator {

using WatchReactor = grpc::ServerWriteReactor<v1::WatchJobResponse>;

// Sends `job`, then its changes as `feed` tells them, at most one each 100 ms (the newest state
// wins), and ends after the final state; Unavailable when the feed closes. `feed`, `reader`, which
// is the store behind it, and `clock` outlive the call. The reactor deletes itself.
WatchReactor* StartWatch(JobFeed& feed, const jobs::JobReader& reader, Clock& clock,
                         const jobs::Job& job);

// A stream that ends at once.
WatchReactor* RefuseWatch(const absl::Status& status);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_JOBS_WATCH_JOB_H_
