// The stored form of a JobSpec.

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/json_number.h"
#include "libs/jobs/job_spec.h"

namespace niwaki::jobs {
namespace {

// An option that specs lack which were stored before it was one: they mean its default.
constexpr absl::string_view kAddedLater = "resolution_mutation_probability";

Json NumberToJson(const search::Range& range, double value) {
  if (range.whole) return static_cast<int64_t>(value);
  return value;
}

// Throws Json::exception for another type.
double NumberFromJson(const search::Range& range, const Json& json) {
  if (range.whole) return static_cast<double>(Integer<int64_t>(json));
  return json.get<double>();
}

Json AlgorithmToJson(const search::Algorithm& algorithm) {
  Json json = {{"name", std::string(search::AlgorithmName(algorithm))}};
  for (const search::Option& option : search::OptionsOf(algorithm)) {
    json[std::string(option.name)] =
        NumberToJson(option.range, search::OptionValue(algorithm, option.name));
  }
  return json;
}

absl::StatusOr<search::Algorithm> AlgorithmFromJson(const Json& json) {
  const std::string name = json.at("name");
  std::optional<search::Algorithm> algorithm = search::AlgorithmByName(name);
  if (!algorithm.has_value()) {
    return absl::DataLossError(absl::StrCat("there is no algorithm '", name, "'"));
  }
  for (const search::Option& option : search::OptionsOf(*algorithm)) {
    const std::string key(option.name);
    if (option.name == kAddedLater && !json.contains(key)) continue;
    NIWAKI_RETURN_IF_ERROR(search::SetAlgorithmOption(*algorithm, option.name,
                                                      absl::StrCat("spec.", name, ".", key),
                                                      NumberFromJson(option.range, json.at(key))));
  }
  return *algorithm;
}

template <typename Owner>
absl::Status ReadOptions(const Json& json, absl::Span<const search::OptionOf<Owner>> table,
                         absl::string_view prefix, Owner& owner) {
  for (const search::OptionOf<Owner>& option : table) {
    const std::string key(option.name);
    NIWAKI_RETURN_IF_ERROR(search::SetOption(owner, option, absl::StrCat(prefix, key),
                                             NumberFromJson(option.range, json.at(key))));
  }
  return absl::OkStatus();
}

template <typename Owner>
void WriteOptions(const Owner& owner, absl::Span<const search::OptionOf<Owner>> table, Json& json) {
  for (const search::OptionOf<Owner>& option : table) {
    json[std::string(option.name)] = NumberToJson(option.range, search::ValueOf(owner, option));
  }
}

absl::Status ReadProof(const Json& json, ProofSpec& proof) {
  const std::optional<ProofMembers> members =
      ProofMembersFromName(json.at("members").get<std::string>());
  if (!members.has_value()) return absl::DataLossError("there are no such members to prove");
  proof.members = *members;
  proof.extra_slots = Integer<int64_t>(json.at("extra_slots"));
  proof.max_members = Integer<int64_t>(json.at("max_members"));
  proof.where_possible = json.at("where_possible").get<bool>();
  return ValidateProofSpec(proof);
}

Json ProofToJson(const ProofSpec& proof) {
  return {{"members", std::string(ProofMembersName(proof.members))},
          {"extra_slots", proof.extra_slots},
          {"max_members", proof.max_members},
          {"where_possible", proof.where_possible}};
}

absl::Status ReadSpec(const Json& json, JobSpec& spec) {
  spec.display_name = json.at("display_name");
  spec.supernet = json.at("supernet");
  spec.device = json.at("device");
  spec.objectives.clear();
  for (const Json& name : json.at("objectives")) {
    NIWAKI_ASSIGN_OR_RETURN(const search::Metric metric,
                            search::MetricFromName(name.get<std::string>()));
    spec.objectives.push_back(metric);
  }
  for (const Json& item : json.at("constraints")) {
    NIWAKI_ASSIGN_OR_RETURN(const search::Metric metric,
                            search::MetricFromName(item.at("metric").get<std::string>()));
    spec.constraints.push_back({metric, item.at("max").get<double>()});
  }
  NIWAKI_ASSIGN_OR_RETURN(spec.algorithm, AlgorithmFromJson(json.at("algorithm")));
  NIWAKI_RETURN_IF_ERROR(ReadOptions(json, JobOptions(), "spec.", spec));
  spec.seed = Integer<uint64_t>(json.at("seed"));
  const Json& evaluation = json.at("evaluation");
  spec.evaluation.data_digest = evaluation.at("data_digest");
  NIWAKI_RETURN_IF_ERROR(
      ReadOptions(evaluation, EvaluationOptions(), "spec.evaluation.", spec.evaluation));
  spec.evaluation.precision = evaluation.at("precision");
  // Stored where it is not the default only, so specs from before are as they were.
  if (evaluation.contains("split")) {
    if (evaluation.at("split") != "test") return absl::DataLossError("there is no such split");
    spec.evaluation.split = Split::kTest;
  }
  if (evaluation.contains("labels")) {
    if (evaluation.at("labels") != "by name") return absl::DataLossError("labels are by name");
    spec.evaluation.labels_by_name = true;
  }
  if (json.contains("test_front")) spec.test_front = json.at("test_front").get<bool>();
  if (json.contains("proof")) NIWAKI_RETURN_IF_ERROR(ReadProof(json.at("proof"), spec.proof));
  if (json.contains("tested_uid")) spec.tested_uid = Integer<int64_t>(json.at("tested_uid"));
  // Specs of before lack these, and others where they are empty.
  if (json.contains("unlimited")) {
    for (const Json& name : json.at("unlimited")) {
      NIWAKI_ASSIGN_OR_RETURN(const search::Metric metric,
                              search::MetricFromName(name.get<std::string>()));
      spec.unlimited.push_back(metric);
    }
  }
  if (json.contains("device_revision")) spec.device_revision = json.at("device_revision");
  if (json.contains("table_version")) {
    spec.table_version = Integer<int64_t>(json.at("table_version"));
  }
  return absl::OkStatus();
}

absl::Status Damaged(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("spec")
      .Message(absl::StrCat("stored job spec is damaged: ", what));
}

}  // namespace

std::string JobSpecToJson(const JobSpec& spec) {
  Json json = {{"display_name", spec.display_name},
               {"supernet", spec.supernet},
               {"device", spec.device},
               {"objectives", Json::array()},
               {"constraints", Json::array()}};
  for (const search::Metric metric : spec.objectives) {
    json["objectives"].push_back(std::string(search::MetricName(metric)));
  }
  for (const search::Constraint& constraint : spec.constraints) {
    json["constraints"].push_back(
        {{"metric", std::string(search::MetricName(constraint.metric))}, {"max", constraint.max}});
  }
  json["algorithm"] = AlgorithmToJson(spec.algorithm);
  WriteOptions(spec, JobOptions(), json);
  json["seed"] = spec.seed;
  Json& evaluation = json["evaluation"];
  evaluation["data_digest"] = spec.evaluation.data_digest;
  WriteOptions(spec.evaluation, EvaluationOptions(), evaluation);
  evaluation["precision"] = spec.evaluation.precision;
  if (spec.evaluation.split == Split::kTest) evaluation["split"] = "test";
  if (spec.evaluation.labels_by_name) evaluation["labels"] = "by name";
  if (spec.test_front) json["test_front"] = true;
  // Jobs of before prove nothing.
  if (!(spec.proof == ProofSpec())) json["proof"] = ProofToJson(spec.proof);
  if (spec.tested_uid != 0) json["tested_uid"] = spec.tested_uid;
  for (const search::Metric metric : spec.unlimited) {
    json["unlimited"].push_back(std::string(search::MetricName(metric)));
  }
  if (!spec.device_revision.empty()) json["device_revision"] = spec.device_revision;
  if (spec.table_version != 0) json["table_version"] = spec.table_version;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<JobSpec> JobSpecFromJson(absl::string_view text) {
  const absl::StatusOr<Json> json = ParseJson(text, "stored job spec");
  if (!json.ok()) return Damaged(json.status().message());
  JobSpec spec;
  try {
    const absl::Status status = ReadSpec(*json, spec);
    if (!status.ok()) return Damaged(status.message());
  } catch (const Json::exception& error) {
    return Damaged(JsonErrorText(error));
  }
  return spec;
}

}  // namespace niwaki::jobs
