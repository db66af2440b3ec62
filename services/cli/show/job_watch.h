// Following a job to its end.

#ifndef NIWAKI_SERVICES_CLI_SHOW_JOB_WATCH_H_
#define NIWAKI_SERVICES_CLI_SHOW_JOB_WATCH_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/niwaki/v1/job.pb.h"
#include "services/cli/session.h"

namespace niwaki::cli {

// Shows the progress of "jobs/{job}", on standard error where it is `aside`, until its state is
// final, and returns the job. Ctrl-C leaves the job running: Cancelled with a message that says how
// to come back. Other errors are those of CoordinatorClient::WatchJob.
absl::StatusOr<v1::Job> FollowJob(Session& session, const std::string& name, bool aside = false);

// Follows the job that scores a front on the test split, aside, and says on standard error of how
// many networks there is no score, and why not of the first. JobOutcome's error when it did not
// succeed, TestOutcome's when it scored nothing.
absl::Status FollowTest(Session& session, const std::string& test_job);
// The same for the test that an ended job has begun by itself (JobSpec.test_front), if it has.
absl::Status FollowOwnTest(Session& session, const v1::Job& job);

// An error with `why` for a job that ended without a single score, having tried; else OK.
absl::Status TestOutcome(const v1::Job& job, absl::string_view why);

// OK for a job that succeeded; else an error with its state and reason.
absl::Status JobOutcome(const v1::Job& job);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_JOB_WATCH_H_
