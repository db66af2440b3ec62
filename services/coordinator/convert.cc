#include "services/coordinator/convert.h"

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost_message.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/spec_fields.h"
#include "libs/jobs/precision.h"
#include "libs/jobs/tested_front.h"
#include "libs/search/algorithm.h"
#include "libs/search/option.h"

namespace niwaki::coordinator {
namespace {

// Sets the options of `table` that are set in `from`.
template <typename Owner>
absl::Status OptionsFromProto(const google::protobuf::Message& from,
                              absl::Span<const search::OptionOf<Owner>> table,
                              absl::string_view prefix, Owner& to) {
  for (const search::OptionOf<Owner>& option : table) {
    const std::optional<double> value = jobfile::GetNumber(from, option.name);
    if (!value.has_value()) continue;
    NIWAKI_RETURN_IF_ERROR(
        search::SetOption(to, option, absl::StrCat(prefix, option.name), *value));
  }
  return absl::OkStatus();
}

template <typename Owner>
void OptionsToProto(const Owner& from, absl::Span<const search::OptionOf<Owner>> table,
                    google::protobuf::Message& to) {
  for (const search::OptionOf<Owner>& option : table) {
    jobfile::SetNumber(option.name, search::ValueOf(from, option), to);
  }
}

absl::StatusOr<search::Algorithm> AlgorithmFromProto(const v1::JobSpec& spec) {
  const std::string name = jobfile::AlgorithmName(spec);
  if (name.empty()) return jobs::JobSpec().algorithm;
  const google::protobuf::Message& from = jobfile::AlgorithmOptions(spec, name);
  search::Algorithm to = search::AlgorithmByName(name).value();
  for (const search::Option& option : search::OptionsOf(to)) {
    const std::optional<double> value = jobfile::GetNumber(from, option.name);
    if (!value.has_value()) continue;
    NIWAKI_RETURN_IF_ERROR(search::SetAlgorithmOption(
        to, option.name, absl::StrCat("spec.", name, ".", option.name), *value));
  }
  return to;
}

void AlgorithmToProto(const search::Algorithm& from, v1::JobSpec& spec) {
  google::protobuf::Message& to = jobfile::MutableAlgorithm(search::AlgorithmName(from), spec);
  for (const search::Option& option : search::OptionsOf(from)) {
    jobfile::SetNumber(option.name, search::OptionValue(from, option.name), to);
  }
}

absl::StatusOr<jobs::Evaluation> EvaluationFromProto(const v1::Evaluation& from) {
  jobs::Evaluation to;
  to.data_digest = from.data_digest();
  NIWAKI_RETURN_IF_ERROR(OptionsFromProto(from, jobs::EvaluationOptions(), "spec.evaluation.", to));
  to.precision = jobs::PrecisionOrDefault(from.precision());
  if (from.split() != v1::SPLIT_UNSPECIFIED) {
    if (!v1::Split_IsValid(from.split())) {
      return InvalidValue("spec.evaluation.split", from.split(), "a known split");
    }
    to.split = static_cast<jobs::Split>(from.split());
  }
  return to;
}

// What a job that says nothing of proofs gets.
jobs::ProofSpec DefaultProof() {
  jobs::ProofSpec proof;
  proof.members = jobs::ProofMembers::kBest;
  proof.where_possible = true;
  return proof;
}

absl::StatusOr<jobs::ProofSpec> ProofFromProto(const v1::JobSpec& spec) {
  if (!spec.has_proof()) return DefaultProof();
  const v1::ProofSpec& from = spec.proof();
  jobs::ProofSpec to;
  if (!v1::ProofMembers_IsValid(from.members())) {
    return InvalidValue("spec.proof.members", from.members(), "known members");
  }
  to.members = from.members() == v1::PROOF_MEMBERS_UNSPECIFIED
                   ? jobs::ProofMembers::kBest
                   : static_cast<jobs::ProofMembers>(from.members());
  if (from.has_extra_slots()) to.extra_slots = from.extra_slots();
  to.max_members = from.max_members();
  to.where_possible = from.where_possible();
  return to;
}

v1::ProofProgress ProofProgressOf(const jobs::Job& job) {
  const jobs::ProofCounters& proofs = job.counters.proof;
  v1::ProofProgress to;
  to.set_pending(proofs.pending);
  to.set_leased(proofs.leased);
  to.set_quantised(proofs.quantised);
  to.set_measuring(proofs.measuring);
  to.set_proven(proofs.proven);
  to.set_refused(proofs.refused);
  to.set_failed(proofs.failed);
  to.set_extra_slots(job.extra_slots);
  to.set_rounds(job.proof_round);
  to.set_board(job.proof_board);
  return to;
}

v1::BoardFigures FiguresToProto(const jobs::BoardFigures& from) {
  v1::BoardFigures to;
  to.set_board(absl::StrCat("boards/", from.board));
  to.set_provenance(cost::ToMessage(from.provenance));
  to.set_unit(from.unit);
  to.set_count(from.count);
  to.set_count_low(from.count_low);
  to.set_count_high(from.count_high);
  to.set_inputs(static_cast<int32_t>(from.inputs));
  to.set_clock_hz(from.clock_hz);
  const cost::Figure latency = from.latency_us();
  if (latency.known()) {
    v1::Figure& figure = *to.mutable_latency_us();
    figure.set_value(latency.value());
    figure.set_low(latency.low());
    figure.set_high(latency.high());
    figure.set_provenance(cost::ToMessage(latency.provenance()));
  }
  to.set_arena_bytes(from.arena_bytes);
  to.set_sram_bytes(from.sram_bytes);
  to.set_flash_bytes(from.flash_bytes);
  to.set_stack_bytes(from.stack_bytes);
  to.set_schedule(from.schedule);
  to.set_outputs_digest(from.outputs_digest);
  to.set_bill_digest(from.bill_digest);
  to.set_firmware_digest(from.firmware_digest);
  to.set_compiler_digest(from.compiler_digest);
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
  if (job.proof_round > 0) *progress.mutable_proof() = ProofProgressOf(job);
  if (job.remaining.has_value()) *progress.mutable_remaining() = ToProto(*job.remaining);
  return progress;
}

}  // namespace

absl::StatusOr<std::string> IdFromName(absl::string_view name, absl::string_view collection,
                                       absl::string_view field) {
  absl::string_view id = name;
  // Ids that the coordinator makes are longer by what it appends to a user's.
  const size_t longest = 63 + (absl::EndsWith(name, jobs::kTestSuffix) && collection == "jobs"
                                   ? sizeof(jobs::kTestSuffix) - 1
                                   : 0);
  if (absl::ConsumePrefix(&id, collection) && absl::ConsumePrefix(&id, "/") && !id.empty() &&
      !absl::StrContains(id, '/') && id.size() <= longest) {
    return std::string(id);
  }
  return InvalidValue(field, name.substr(0, 100), absl::StrCat(collection, "/ID"));
}

absl::StatusOr<search::Metric> MetricFromProto(int metric, absl::string_view field) {
  const std::optional<search::Metric> known = jobfile::MetricFromProto(metric);
  if (!known.has_value()) return InvalidValue(field, metric, "a known metric");
  return *known;
}

v1::Metric ToProto(search::Metric metric) { return jobfile::MetricToProto(metric); }

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
  NIWAKI_RETURN_IF_ERROR(OptionsFromProto(from, jobs::JobOptions(), "spec.", to));
  if (from.has_seed()) to.seed = from.seed();
  to.test_front = from.test_front();
  if (!from.tested_job().empty()) {
    return InvalidValue("spec.tested_job", from.tested_job(),
                        "unset: such jobs are begun by TestFront");
  }
  NIWAKI_ASSIGN_OR_RETURN(to.evaluation, EvaluationFromProto(from.evaluation()));
  NIWAKI_ASSIGN_OR_RETURN(to.proof, ProofFromProto(from));
  for (int i = 0; i < from.unlimited_size(); ++i) {
    NIWAKI_ASSIGN_OR_RETURN(
        const search::Metric metric,
        MetricFromProto(from.unlimited(i), absl::StrCat("spec.unlimited[", i, "]")));
    to.unlimited.push_back(metric);
  }
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
  AlgorithmToProto(from.algorithm, to);
  OptionsToProto(from, jobs::JobOptions(), to);
  to.set_seed(from.seed);
  *to.mutable_evaluation() = ToProto(from.evaluation);
  to.set_test_front(from.test_front);
  to.mutable_proof()->set_members(static_cast<v1::ProofMembers>(from.proof.members));
  if (from.proof.members != jobs::ProofMembers::kNone) {
    to.mutable_proof()->set_extra_slots(static_cast<int32_t>(from.proof.extra_slots));
    to.mutable_proof()->set_max_members(static_cast<int32_t>(from.proof.max_members));
    to.mutable_proof()->set_where_possible(from.proof.where_possible);
  }
  for (const search::Metric metric : from.unlimited) to.add_unlimited(ToProto(metric));
  return to;
}

v1::Job ToProto(const jobs::Job& from) {
  v1::Job to;
  to.set_name(absl::StrCat("jobs/", from.id));
  *to.mutable_spec() = ToProto(from.spec);
  if (from.spec.tested_uid != 0) {
    to.mutable_spec()->set_tested_job(
        absl::StrCat("jobs/", absl::StripSuffix(from.id, jobs::kTestSuffix)));
  }
  to.set_state(static_cast<v1::JobState>(from.state));
  to.set_state_reason(from.state_reason);
  *to.mutable_progress() = ProgressToProto(from);
  *to.mutable_create_time() = ToProto(from.create_time);
  if (from.end_time.has_value()) *to.mutable_end_time() = ToProto(*from.end_time);
  to.set_supernet_digest(from.supernet_digest);
  to.set_etag(from.etag());
  to.set_device_revision(from.spec.device_revision);
  to.set_table_version(from.spec.table_version);
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
  if (from.proof.has_value()) *to.mutable_proof() = ToProto(*from.proof);
  return to;
}

v1::Proof ToProto(const jobs::Proof& from) {
  v1::Proof to;
  to.set_state(static_cast<v1::ProofState>(from.state));
  to.set_reason(from.reason);
  to.set_round(static_cast<int32_t>(from.round));
  to.set_measurement(from.measurement);
  to.set_measurements(static_cast<int32_t>(from.measurements));
  if (from.network.has_value()) {
    to.set_int8_digest(from.network->digest);
    to.set_quantiser_version(static_cast<int32_t>(from.network->quantiser_version));
    to.set_quantise_key(from.network->quantise_key);
    *to.mutable_int8_score() = ToProto(from.network->score);
    if (from.network->test_score.has_value()) {
      *to.mutable_int8_test_score() = ToProto(*from.network->test_score);
    }
  }
  if (from.figures.has_value()) *to.mutable_figures() = FiguresToProto(*from.figures);
  return to;
}

jobs::Int8Network NetworkFromProto(const v1::Int8Network& from) {
  jobs::Int8Network to;
  to.digest = from.digest();
  to.quantiser_version = from.quantiser_version();
  to.quantise_key = from.quantise_key();
  to.score = ScoreFromProto(from.score());
  if (from.has_test_score()) to.test_score = ScoreFromProto(from.test_score());
  return to;
}

v1::Evaluation ToProto(const jobs::Evaluation& from) {
  v1::Evaluation to;
  to.set_data_digest(from.data_digest);
  OptionsToProto(from, jobs::EvaluationOptions(), to);
  to.set_precision(from.precision);
  to.set_split(static_cast<v1::Split>(from.split));
  return to;
}

v1::Lease ToProto(const jobs::LeaseGrant& from) {
  v1::Lease to;
  to.set_lease_id(from.id.ToString());
  to.set_epoch(from.id.epoch);
  to.set_candidate(absl::StrCat("jobs/", from.job_id, "/candidates/", from.id.ref.slot));
  to.set_subnet_json(from.subnet_json);
  to.set_supernet_digest(from.supernet_digest);
  *to.mutable_evaluation() = ToProto(from.evaluation);
  to.set_task(static_cast<v1::LeaseTask>(from.task));
  to.set_quantiser_version(static_cast<int32_t>(from.quantiser_version));
  return to;
}

v1::Worker ToProto(const jobs::WorkerInfo& from) {
  v1::Worker to;
  to.set_name(absl::StrCat("workers/", from.name));
  to.set_precision(from.precision);
  to.set_state(static_cast<v1::WorkerState>(from.state));
  *to.mutable_state_time() = ToProto(from.state_since);
  if (from.last_seen != absl::InfinitePast()) {
    *to.mutable_last_seen_time() = ToProto(from.last_seen);
  }
  to.set_held(from.load.held);
  to.set_running(from.load.running);
  to.set_scored(from.scored);
  to.set_failed(from.failed);
  to.set_lost(from.lost);
  if (from.drain_time.has_value()) *to.mutable_drain_time() = ToProto(*from.drain_time);
  to.set_trouble(from.trouble);
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
