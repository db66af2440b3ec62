#include "services/coordinator/convert.h"

#include <google/protobuf/text_format.h>

#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost_message.h"
#include "libs/jobs/precision.h"

namespace niwaki::coordinator {
namespace {

constexpr int32_t kDefaultCalibrationImages = 512;

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " '", value, "' must be ", limit));
}

search::PredictorNsga2Options PredictorNsga2FromProto(const v1::PredictorNsga2& from) {
  search::PredictorNsga2Options to;
  if (from.initial() != 0) to.initial = from.initial();
  if (from.retrain_every() != 0) to.retrain_every = from.retrain_every();
  if (from.population() != 0) to.population = from.population();
  if (from.generations() != 0) to.generations = from.generations();
  if (from.has_exploration()) to.exploration = from.exploration();
  if (from.has_mutation_probability()) to.mutation_probability = from.mutation_probability();
  return to;
}

absl::StatusOr<search::Algorithm> AlgorithmFromProto(const v1::JobSpec& spec) {
  if (spec.has_random()) return search::RandomSearchOptions();
  if (spec.has_evolution()) {
    const v1::Evolution& from = spec.evolution();
    search::EvolutionOptions to;
    if (from.population() != 0) to.population = from.population();
    if (from.has_parent_ratio()) to.parent_ratio = from.parent_ratio();
    if (from.has_mutation_ratio()) to.mutation_ratio = from.mutation_ratio();
    if (from.has_mutation_probability()) to.mutation_probability = from.mutation_probability();
    if (from.has_resolution_mutation_probability()) {
      to.resolution_mutation_probability = from.resolution_mutation_probability();
    }
    return to;
  }
  if (spec.has_predictor_nsga2()) return PredictorNsga2FromProto(spec.predictor_nsga2());
  const v1::Nsga2& from = spec.nsga2();
  search::Nsga2Options to;
  if (from.population() != 0) to.population = from.population();
  if (from.has_crossover_probability()) to.crossover_probability = from.crossover_probability();
  if (from.has_mutation_probability()) to.mutation_probability = from.mutation_probability();
  return to;
}

void AlgorithmToProto(const search::RandomSearchOptions&, v1::JobSpec& spec) {
  spec.mutable_random();
}

void AlgorithmToProto(const search::EvolutionOptions& from, v1::JobSpec& spec) {
  v1::Evolution& to = *spec.mutable_evolution();
  to.set_population(from.population);
  to.set_parent_ratio(from.parent_ratio);
  to.set_mutation_ratio(from.mutation_ratio);
  to.set_mutation_probability(from.mutation_probability);
  to.set_resolution_mutation_probability(from.resolution_mutation_probability);
}

void AlgorithmToProto(const search::Nsga2Options& from, v1::JobSpec& spec) {
  v1::Nsga2& to = *spec.mutable_nsga2();
  to.set_population(from.population);
  to.set_crossover_probability(from.crossover_probability);
  to.set_mutation_probability(from.mutation_probability);
}

void AlgorithmToProto(const search::PredictorNsga2Options& from, v1::JobSpec& spec) {
  v1::PredictorNsga2& to = *spec.mutable_predictor_nsga2();
  to.set_initial(from.initial);
  to.set_retrain_every(from.retrain_every);
  to.set_population(from.population);
  to.set_generations(from.generations);
  to.set_exploration(from.exploration);
  to.set_mutation_probability(from.mutation_probability);
}

jobs::Evaluation EvaluationFromProto(const v1::Evaluation& from) {
  jobs::Evaluation to;
  to.data_digest = from.data_digest();
  to.calibration_images =
      from.calibration_images() == 0 ? kDefaultCalibrationImages : from.calibration_images();
  to.evaluation_images = from.evaluation_images();
  to.precision = jobs::PrecisionOrDefault(from.precision());
  return to;
}

v1::JobProgress ProgressToProto(const jobs::Job& job) {
  const jobs::JobCounters& counters = job.counters;
  v1::JobProgress progress;
  progress.set_proposed(counters.proposed);
  progress.set_pending(counters.pending);
  progress.set_leased(counters.leased);
  progress.set_scored(counters.scored);
  progress.set_infeasible(counters.infeasible);
  progress.set_failed(counters.failed);
  progress.set_rejected(counters.rejected);
  progress.set_cached(counters.cached);
  progress.set_front_size(counters.front_size);
  if (job.remaining.has_value()) *progress.mutable_remaining() = ToProto(*job.remaining);
  return progress;
}

}  // namespace

absl::StatusOr<std::string> IdFromName(absl::string_view name, absl::string_view collection,
                                       absl::string_view field) {
  absl::string_view id = name;
  if (absl::ConsumePrefix(&id, collection) && absl::ConsumePrefix(&id, "/") && !id.empty() &&
      !absl::StrContains(id, '/') && id.size() <= 63) {
    return std::string(id);
  }
  return Invalid(field, name.substr(0, 100), absl::StrCat(collection, "/ID"));
}

absl::StatusOr<search::Metric> MetricFromProto(int metric, absl::string_view field) {
  // The enumerators of both are in the same order; the wire's begin with UNSPECIFIED.
  if (metric < 1 || metric > static_cast<int>(search::kAllMetrics.size())) {
    return Invalid(field, metric, "a known metric");
  }
  return search::kAllMetrics[metric - 1];
}

v1::Metric ToProto(search::Metric metric) {
  return static_cast<v1::Metric>(static_cast<int>(metric) + 1);
}

absl::StatusOr<jobs::JobSpec> JobSpecFromProto(const v1::JobSpec& from) {
  jobs::JobSpec to;
  to.display_name = from.display_name();
  NIWAKI_ASSIGN_OR_RETURN(to.supernet, IdFromName(from.supernet(), "supernets", "spec.supernet"));
  NIWAKI_ASSIGN_OR_RETURN(to.device, IdFromName(from.device(), "devices", "spec.device"));
  if (from.objectives_size() > 0) to.objectives.clear();
  for (int i = 0; i < from.objectives_size(); ++i) {
    NIWAKI_ASSIGN_OR_RETURN(
        const search::Metric metric,
        MetricFromProto(from.objectives(i), absl::StrCat("spec.objectives[", i, "]")));
    to.objectives.push_back(metric);
  }
  for (int i = 0; i < from.constraints_size(); ++i) {
    NIWAKI_ASSIGN_OR_RETURN(const search::Metric metric,
                            MetricFromProto(from.constraints(i).metric(),
                                            absl::StrCat("spec.constraints[", i, "].metric")));
    to.constraints.push_back({metric, from.constraints(i).max()});
  }
  NIWAKI_ASSIGN_OR_RETURN(to.algorithm, AlgorithmFromProto(from));
  if (from.max_candidates() != 0) to.max_candidates = from.max_candidates();
  if (from.max_parallel() != 0) to.max_parallel = from.max_parallel();
  if (from.has_seed()) to.seed = from.seed();
  to.evaluation = EvaluationFromProto(from.evaluation());
  return to;
}

v1::JobSpec ToProto(const jobs::JobSpec& from) {
  v1::JobSpec to;
  to.set_display_name(from.display_name);
  to.set_supernet(absl::StrCat("supernets/", from.supernet));
  to.set_device(absl::StrCat("devices/", from.device));
  for (const search::Metric metric : from.objectives) to.add_objectives(ToProto(metric));
  for (const search::Constraint& constraint : from.constraints) {
    v1::Constraint& added = *to.add_constraints();
    added.set_metric(ToProto(constraint.metric));
    added.set_max(constraint.max);
  }
  std::visit([&](const auto& options) { AlgorithmToProto(options, to); }, from.algorithm);
  to.set_max_candidates(static_cast<int32_t>(from.max_candidates));
  to.set_max_parallel(static_cast<int32_t>(from.max_parallel));
  to.set_seed(from.seed);
  *to.mutable_evaluation() = ToProto(from.evaluation);
  return to;
}

v1::Job ToProto(const jobs::Job& from) {
  v1::Job to;
  to.set_name(absl::StrCat("jobs/", from.id));
  *to.mutable_spec() = ToProto(from.spec);
  to.set_state(static_cast<v1::JobState>(from.state));
  to.set_state_reason(from.state_reason);
  *to.mutable_progress() = ProgressToProto(from);
  *to.mutable_create_time() = ToProto(from.create_time);
  if (from.end_time.has_value()) *to.mutable_end_time() = ToProto(*from.end_time);
  to.set_supernet_digest(from.supernet_digest);
  to.set_etag(from.etag());
  return to;
}

v1::Candidate ToProto(absl::string_view job_id, const jobs::Candidate& from) {
  v1::Candidate to;
  to.set_name(absl::StrCat("jobs/", job_id, "/candidates/", from.slot));
  to.set_slot(from.slot);
  to.set_state(static_cast<v1::CandidateState>(from.state));
  to.set_state_reason(from.state_reason);
  to.set_attempts(static_cast<int32_t>(from.epoch));
  to.set_cached(from.cached);
  if (from.state == jobs::CandidateState::kInfeasible) return to;
  to.set_subnet_json(from.subnet_json);
  to.set_subnet_id(from.subnet_id.ToHex());
  cost::ToMessage(from.cost, *to.mutable_cost());
  if (from.score.has_value()) *to.mutable_score() = ToProto(*from.score);
  return to;
}

v1::Evaluation ToProto(const jobs::Evaluation& from) {
  v1::Evaluation to;
  to.set_data_digest(from.data_digest);
  to.set_calibration_images(from.calibration_images);
  to.set_evaluation_images(from.evaluation_images);
  to.set_precision(from.precision);
  return to;
}

v1::Lease ToProto(const jobs::LeaseGrant& from) {
  v1::Lease to;
  to.set_lease_id(from.id.ToString());
  to.set_epoch(from.id.epoch);
  to.set_candidate(absl::StrCat("jobs/", from.job_id, "/candidates/", from.id.candidate.slot));
  to.set_subnet_json(from.subnet_json);
  to.set_supernet_digest(from.supernet_digest);
  *to.mutable_evaluation() = ToProto(from.evaluation);
  return to;
}

v1::ScoreVerdict ToProto(absl::string_view lease_id, const jobs::ReportVerdict& from) {
  v1::ScoreVerdict to;
  to.set_lease_id(std::string(lease_id));
  to.set_verdict(static_cast<v1::Verdict>(from.verdict));
  to.set_reason(from.reason);
  return to;
}

absl::StatusOr<v1::Supernet> ToProto(const jobs::Supernet& from) {
  v1::Supernet to;
  to.set_name(absl::StrCat("supernets/", from.name));
  if (!google::protobuf::TextFormat::ParseFromString(from.space_text, to.mutable_space())) {
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field("supernet.space")
        .Value(from.name)
        .Message(absl::StrCat("stored space of supernet '", from.name, "' is damaged"));
  }
  to.set_digest(from.digest);
  to.set_data_digest(from.data_digest);
  *to.mutable_create_time() = ToProto(from.create_time);
  return to;
}

jobs::Score ScoreFromProto(const v1::Score& from) {
  return {from.top1(), from.top5(), from.loss(), from.images(), from.seconds()};
}

v1::Score ToProto(const jobs::Score& from) {
  v1::Score to;
  to.set_top1(from.top1);
  to.set_top5(from.top5);
  to.set_loss(from.loss);
  to.set_images(from.images);
  to.set_seconds(from.seconds);
  return to;
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp to;
  const int64_t nanos = absl::ToUnixNanos(time);
  to.set_seconds(nanos / 1000000000);
  to.set_nanos(static_cast<int32_t>(nanos % 1000000000));
  return to;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration to;
  absl::Duration rest;
  to.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  to.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return to;
}

absl::Duration DurationFromProto(const google::protobuf::Duration& from) {
  return absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

}  // namespace niwaki::coordinator
