// How good the networks of a front are on data that the search has not seen.
//
// The best of many noisy scores is a lucky one, so what a front says of its networks is too good.
// The cure is the test split: a job of its own, named after the tested one, whose candidates are
// the front's networks in the front's order and whose evaluation is the tested job's on the test
// split, all images of it. It is leased, scored, kept and resumed as any job; its scores have keys
// of their own, so no search meets them.

#ifndef NIWAKI_LIBS_JOBS_TESTED_FRONT_H_
#define NIWAKI_LIBS_JOBS_TESTED_FRONT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "libs/jobs/job.h"
#include "libs/jobs/score.h"

namespace niwaki::jobs {

// What the ids of such jobs end in; nobody may choose such an id (ValidateJobId).
inline constexpr char kTestSuffix[] = ".test";

// "kws" → "kws.test".
std::string TestJobId(absl::string_view job_id);

// The same on all of the test split.
Evaluation TestEvaluation(Evaluation evaluation);

// Identity of the test scores of `job`'s networks.
ScoringId TestScoringOf(const Job& job);

// The job that scores the front of `ended`, to be taken in: as many candidates as the front has
// networks (`counters.front_size`).
Job TestJobOf(const Job& ended);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_TESTED_FRONT_H_
