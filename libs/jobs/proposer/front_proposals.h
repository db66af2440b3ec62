// The candidates of a job that scores the front of another one: that front's networks.

#ifndef NIWAKI_LIBS_JOBS_PROPOSER_FRONT_PROPOSALS_H_
#define NIWAKI_LIBS_JOBS_PROPOSER_FRONT_PROPOSALS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/job.h"
#include "libs/jobs/store/job_store.h"

namespace niwaki::jobs {

// One proposal for each slot of `job`, which scores the front of the job `job.spec.tested_uid`, in
// that front's order, with the costs that are known. The tested job has ended, so it is always the
// same list. DataLoss DATA_CORRUPT when the front is not what `job` was made for; the reader's
// errors.
absl::StatusOr<std::vector<Proposal>> FrontProposals(const Job& job, const JobReader& reader);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROPOSER_FRONT_PROPOSALS_H_
