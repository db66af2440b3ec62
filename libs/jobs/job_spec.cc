#include "libs/jobs/job_spec.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/precision.h"

namespace niwaki::jobs {
namespace {

constexpr int64_t kMaxImages = 1000000;

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " '", value, "' must be ", limit));
}

absl::Status CheckInt(absl::string_view field, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return Invalid(field, value, absl::StrCat(low, " to ", high));
}

// Written so that NaN fails.
absl::Status CheckShare(absl::string_view field, double value, bool zero_allowed) {
  if (value <= 1 && (value > 0 || (zero_allowed && value == 0))) return absl::OkStatus();
  return Invalid(field, value, zero_allowed ? "0 to 1" : "above 0 and at most 1");
}

absl::Status CheckAlgorithm(const search::RandomSearchOptions&, size_t) { return absl::OkStatus(); }

absl::Status CheckAlgorithm(const search::EvolutionOptions& options, size_t objectives) {
  if (objectives != 1) return Invalid("spec.objectives", objectives, "1 metric for evolution");
  NIWAKI_RETURN_IF_ERROR(CheckInt("spec.evolution.population", options.population, 2, 10000));
  NIWAKI_RETURN_IF_ERROR(CheckShare("spec.evolution.parent_ratio", options.parent_ratio, false));
  NIWAKI_RETURN_IF_ERROR(CheckShare("spec.evolution.mutation_ratio", options.mutation_ratio, true));
  NIWAKI_RETURN_IF_ERROR(
      CheckShare("spec.evolution.mutation_probability", options.mutation_probability, false));
  return CheckShare("spec.evolution.resolution_mutation_probability",
                    options.resolution_mutation_probability, true);
}

absl::Status CheckAlgorithm(const search::Nsga2Options& options, size_t) {
  NIWAKI_RETURN_IF_ERROR(CheckInt("spec.nsga2.population", options.population, 4, 10000));
  NIWAKI_RETURN_IF_ERROR(
      CheckShare("spec.nsga2.crossover_probability", options.crossover_probability, true));
  return CheckShare("spec.nsga2.mutation_probability", options.mutation_probability, false);
}

absl::Status CheckAlgorithm(const search::PredictorNsga2Options& options, size_t) {
  NIWAKI_RETURN_IF_ERROR(CheckInt("spec.predictor_nsga2.initial", options.initial, 8, 100000));
  NIWAKI_RETURN_IF_ERROR(
      CheckInt("spec.predictor_nsga2.retrain_every", options.retrain_every, 1, 10000));
  NIWAKI_RETURN_IF_ERROR(CheckInt("spec.predictor_nsga2.population", options.population, 4, 10000));
  NIWAKI_RETURN_IF_ERROR(
      CheckInt("spec.predictor_nsga2.generations", options.generations, 1, 1000));
  NIWAKI_RETURN_IF_ERROR(CheckShare("spec.predictor_nsga2.exploration", options.exploration, true));
  return CheckShare("spec.predictor_nsga2.mutation_probability", options.mutation_probability,
                    false);
}

absl::Status CheckObjectives(const std::vector<search::Metric>& objectives) {
  if (objectives.empty() || objectives.size() > kMaxObjectives) {
    return Invalid("spec.objectives", objectives.size(), absl::StrCat("1 to ", kMaxObjectives));
  }
  std::set<search::Metric> seen;
  for (size_t i = 0; i < objectives.size(); ++i) {
    if (!seen.insert(objectives[i]).second) {
      return Invalid(absl::StrCat("spec.objectives[", i, "]"), search::MetricName(objectives[i]),
                     "named once");
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

absl::Status CheckEvaluation(const Evaluation& evaluation) {
  if (!evaluation.data_digest.empty() && !IsSha256Hex(evaluation.data_digest)) {
    return Invalid("spec.evaluation.data_digest", evaluation.data_digest,
                   "64 lower-case hexadecimal characters");
  }
  NIWAKI_RETURN_IF_ERROR(
      CheckInt("spec.evaluation.calibration_images", evaluation.calibration_images, 1, kMaxImages));
  NIWAKI_RETURN_IF_ERROR(
      CheckInt("spec.evaluation.evaluation_images", evaluation.evaluation_images, 0, kMaxImages));
  return ValidatePrecision(evaluation.precision, "spec.evaluation.precision");
}

}  // namespace

absl::Status ValidateJobSpec(const JobSpec& spec) {
  if (spec.display_name.size() > kMaxDisplayName) {
    return Invalid("spec.display_name", spec.display_name.size(),
                   absl::StrCat("at most ", kMaxDisplayName, " characters"));
  }
  if (spec.supernet.empty()) return Invalid("spec.supernet", "", "set");
  if (spec.device.empty()) return Invalid("spec.device", "", "set");
  NIWAKI_RETURN_IF_ERROR(CheckObjectives(spec.objectives));
  NIWAKI_RETURN_IF_ERROR(CheckConstraints(spec.constraints));
  NIWAKI_RETURN_IF_ERROR(std::visit(
      [&](const auto& options) { return CheckAlgorithm(options, spec.objectives.size()); },
      spec.algorithm));
  NIWAKI_RETURN_IF_ERROR(
      CheckInt("spec.max_candidates", spec.max_candidates, 1, kMaxCandidatesLimit));
  NIWAKI_RETURN_IF_ERROR(CheckInt("spec.max_parallel", spec.max_parallel, 1, kMaxParallelLimit));
  return CheckEvaluation(spec.evaluation);
}

absl::Status ValidateJobId(absl::string_view id) {
  bool good = !id.empty() && id.size() <= 63 && absl::ascii_islower(id[0]);
  for (const char c : id) {
    good = good && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-');
  }
  if (good) return absl::OkStatus();
  return Invalid("job_id", id.substr(0, 100),
                 "1 to 63 lower-case letters, digits and '-', a letter first");
}

}  // namespace niwaki::jobs
