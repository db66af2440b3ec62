// Following a job to its end.

#ifndef NIWAKI_SERVICES_CLI_SHOW_JOB_WATCH_H_
#define NIWAKI_SERVICES_CLI_SHOW_JOB_WATCH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/niwaki/v1/job.pb.h"
#include "services/cli/session.h"

namespace niwaki::cli {

// Shows the progress of "jobs/{job}" until its state is final and returns the job. Ctrl-C leaves
// the job running: Cancelled with a message that says how to come back. Other errors are those of
// CoordinatorClient::WatchJob.
absl::StatusOr<v1::Job> FollowJob(Session& session, const std::string& name);

// OK for a job that succeeded; else an error with its state and reason.
absl::Status JobOutcome(const v1::Job& job);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_JOB_WATCH_H_
