#include "libs/jobs/job_spec.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/precision.h"

namespace niwaki::jobs {
namespace {

constexpr int64_t kMaxImages = 1000000;

constexpr search::OptionOf<JobSpec> kJobTable[] = {
    {{"max_candidates", search::WholeNumber(1, kMaxCandidatesLimit), "Candidates to score"},
     &JobSpec::max_candidates},
    {{"max_parallel", search::WholeNumber(1, 4096),
      "Candidates in flight; what is proposed for a slot knows the outcomes of all slots that lie "
      "this many or more before it"},
     &JobSpec::max_parallel},
};

constexpr search::OptionOf<Evaluation> kEvaluationTable[] = {
    {{"calibration_images", search::WholeNumber(1, kMaxImages),
      "Images that batch norm is recalibrated on"},
     &Evaluation::calibration_images},
    {{"evaluation_images", search::WholeNumber(0, kMaxImages),
      "Images of the validation split that are scored; 0 means all"},
     &Evaluation::evaluation_images},
};

absl::Status CheckObjectives(const JobSpec& spec) {
  const std::vector<search::Metric>& objectives = spec.objectives;
  NIWAKI_RETURN_IF_ERROR(search::CheckNumObjectives(
      spec.algorithm, static_cast<int>(objectives.size()), "spec.objectives"));
  std::set<search::Metric> seen;
  for (size_t i = 0; i < objectives.size(); ++i) {
    if (!seen.insert(objectives[i]).second) {
      return InvalidValue(absl::StrCat("spec.objectives[", i, "]"),
                          search::MetricName(objectives[i]), "named once");
    }
  }
  return absl::OkStatus();
}

// As search::ValidateConstraints, with the field's path in a job.
absl::Status CheckConstraints(const std::vector<search::Constraint>& constraints) {
  absl::Status status = search::ValidateConstraints(constraints);
  std::optional<ErrorDetail> detail = GetErrorDetail(status);
  if (!detail.has_value()) return status;
  detail->field = absl::StrCat("spec.", detail->field);
  SetErrorDetail(status, *detail);
  return status;
}

// Each of them is a memory's, named once, and has no limit of its own.
absl::Status CheckUnlimited(const JobSpec& spec) {
  std::set<search::Metric> seen;
  for (const search::Constraint& constraint : spec.constraints) seen.insert(constraint.metric);
  for (size_t i = 0; i < spec.unlimited.size(); ++i) {
    const search::Metric metric = spec.unlimited[i];
    const std::string field = absl::StrCat("spec.unlimited[", i, "]");
    if (metric != search::Metric::kSramBytes && metric != search::Metric::kFlashBytes) {
      return InvalidValue(field, search::MetricName(metric), "sram_bytes or flash_bytes");
    }
    if (!seen.insert(metric).second) {
      return InvalidValue(field, search::MetricName(metric), "named once, and not limited");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEvaluation(const Evaluation& evaluation) {
  if (!evaluation.data_digest.empty() && !IsSha256Hex(evaluation.data_digest)) {
    return InvalidValue("spec.evaluation.data_digest", evaluation.data_digest,
                        "64 lower-case hexadecimal characters");
  }
  NIWAKI_RETURN_IF_ERROR(search::CheckOptions(evaluation, EvaluationOptions(), "spec.evaluation."));
  return ValidatePrecision(evaluation.precision, "spec.evaluation.precision");
}

}  // namespace

absl::Span<const search::OptionOf<JobSpec>> JobOptions() { return kJobTable; }

absl::Span<const search::OptionOf<Evaluation>> EvaluationOptions() { return kEvaluationTable; }

absl::Status ValidateJobSpec(const JobSpec& spec) {
  if (spec.display_name.size() > kMaxDisplayName) {
    return InvalidValue("spec.display_name", spec.display_name.size(),
                        absl::StrCat("at most ", kMaxDisplayName, " bytes"));
  }
  if (spec.supernet.empty()) return InvalidValue("spec.supernet", "", "set");
  if (spec.device.empty()) return InvalidValue("spec.device", "", "set");
  NIWAKI_RETURN_IF_ERROR(CheckObjectives(spec));
  NIWAKI_RETURN_IF_ERROR(CheckConstraints(spec.constraints));
  NIWAKI_RETURN_IF_ERROR(CheckUnlimited(spec));
  NIWAKI_RETURN_IF_ERROR(search::CheckAlgorithm(spec.algorithm, "spec."));
  NIWAKI_RETURN_IF_ERROR(search::CheckOptions(spec, JobOptions(), "spec."));
  if (spec.tested_uid == 0 && spec.evaluation.split != Split::kValidation) {
    return InvalidValue("spec.evaluation.split", "TEST",
                        "VALIDATION: no search sees the test split (test_front scores its result)");
  }
  NIWAKI_RETURN_IF_ERROR(ValidateProofSpec(spec.proof));
  return CheckEvaluation(spec.evaluation);
}

absl::Status ValidateJobId(absl::string_view id) {
  bool good = !id.empty() && id.size() <= 63 && absl::ascii_islower(id[0]);
  for (const char c : id) {
    good = good && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-');
  }
  if (good) return absl::OkStatus();
  return InvalidValue("job_id", id.substr(0, 100),
                      "1 to 63 lower-case letters, digits and '-', a letter first");
}

}  // namespace niwaki::jobs
