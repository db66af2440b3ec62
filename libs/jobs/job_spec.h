// JobSpec: what a user wants searched. A plain value with its own validation and its stored form.

#ifndef NIWAKI_LIBS_JOBS_JOB_SPEC_H_
#define NIWAKI_LIBS_JOBS_JOB_SPEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/score.h"
#include "libs/search/algorithm.h"
#include "libs/search/constraint.h"
#include "libs/search/metric.h"
#include "libs/search/option.h"

namespace niwaki::jobs {

inline constexpr int64_t kMaxCandidatesLimit = 1000000;
// In bytes.
inline constexpr size_t kMaxDisplayName = 200;

struct JobSpec {
  // For people.
  std::string display_name;
  // Ids, without "supernets/" and "devices/".
  std::string supernet;
  std::string device;
  std::vector<search::Metric> objectives = {search::Metric::kTop1, search::Metric::kLatencyUs};
  std::vector<search::Constraint> constraints;
  search::Algorithm algorithm = search::PredictorNsga2Options();
  int64_t max_candidates = 200;
  // Candidates in flight, and the lag of the search.
  int64_t max_parallel = 32;
  uint64_t seed = 1;
  Evaluation evaluation;
  // Once the job has succeeded, its front is scored on the test split (tested_front.h).
  bool test_front = false;
  // How its front is proven once all slots have their outcomes.
  ProofSpec proof;
  // This job searches nothing: it scores the front of the job with this uid. 0 for a search.
  int64_t tested_uid = 0;
  // Of kSramBytes and kFlashBytes those that the device's memory does not limit (AddDeviceLimits).
  std::vector<search::Metric> unlimited;
  // Not the user's: which revision of the device the job's costs are of (cost_source.h); "" for
  // jobs of before there were revisions, whose costs are of the device as it is.
  std::string device_revision;
  // Nor this: the version of the oracle's latency table that the costs are of; 0 for jobs of before
  // it had history.
  int64_t table_version = 0;
};

// Ranges and texts of the numbers of a job, beside those of its algorithm: max_candidates and
// max_parallel; calibration_images and evaluation_images. `seed` may be any uint64_t.
absl::Span<const search::OptionOf<JobSpec>> JobOptions();
absl::Span<const search::OptionOf<Evaluation>> EvaluationOptions();

// InvalidArgument with reason ARGUMENT_INVALID for the first field that is wrong in any state,
// named as the user wrote it: `spec.constraints[1].max`, with its value and its limit.
// `evaluation.data_digest` may be empty. Only a job that scores a front may be on the test split.
absl::Status ValidateJobSpec(const JobSpec& spec);

// Whether `id` may name a job: lower-case letters, digits and '-', 1 to 63 characters, a letter
// first. The error names `job_id`.
absl::Status ValidateJobId(absl::string_view id);

// The stored form: JSON that reads back to an equal spec. DataLoss for text that JobSpecToJson did
// not write, numbers out of their ranges among it.
std::string JobSpecToJson(const JobSpec& spec);
absl::StatusOr<JobSpec> JobSpecFromJson(absl::string_view json);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_JOB_SPEC_H_
