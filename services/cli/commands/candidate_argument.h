// A candidate as people name it on a command line.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_CANDIDATE_ARGUMENT_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_CANDIDATE_ARGUMENT_H_

#include "absl/status/statusor.h"
#include "libs/client/coordinator_client.h"
#include "libs/jobfile/resource_name.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::cli {

inline constexpr char kCandidateHelp[] =
    "A candidate: JOB/SLOT, or JOB/best, the first of the job's front";

// Asks the coordinator for it: its errors, NotFound CANDIDATE_UNKNOWN for the best one of a job
// without a front.
absl::StatusOr<v1::Candidate> FindCandidate(client::CoordinatorClient& coordinator,
                                            const jobfile::CandidateName& name);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_CANDIDATE_ARGUMENT_H_
