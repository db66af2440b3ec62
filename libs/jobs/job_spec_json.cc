// The stored form of a JobSpec.

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/json_number.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/job_spec.h"

namespace niwaki::jobs {
namespace {

Json AlgorithmToJson(const search::RandomSearchOptions&) { return {{"name", "random"}}; }

Json AlgorithmToJson(const search::EvolutionOptions& options) {
  return {{"name", "evolution"},
          {"population", options.population},
          {"parent_ratio", options.parent_ratio},
          {"mutation_ratio", options.mutation_ratio},
          {"mutation_probability", options.mutation_probability},
          {"resolution_mutation_probability", options.resolution_mutation_probability}};
}

Json AlgorithmToJson(const search::Nsga2Options& options) {
  return {{"name", "nsga2"},
          {"population", options.population},
          {"crossover_probability", options.crossover_probability},
          {"mutation_probability", options.mutation_probability}};
}

Json AlgorithmToJson(const search::PredictorNsga2Options& options) {
  return {{"name", "predictor_nsga2"},
          {"initial", options.initial},
          {"retrain_every", options.retrain_every},
          {"population", options.population},
          {"generations", options.generations},
          {"exploration", options.exploration},
          {"mutation_probability", options.mutation_probability}};
}

template <typename T>
void ReadInteger(const Json& json, T& value) {
  value = Integer<T>(json);
}

search::Algorithm AlgorithmFromJson(const Json& json) {
  const std::string name = json.at("name");
  if (name == "random") return search::RandomSearchOptions();
  if (name == "evolution") {
    search::EvolutionOptions options;
    ReadInteger(json.at("population"), options.population);
    options.parent_ratio = json.at("parent_ratio");
    options.mutation_ratio = json.at("mutation_ratio");
    options.mutation_probability = json.at("mutation_probability");
    // Specs stored before there was a choice had the default.
    options.resolution_mutation_probability =
        json.value("resolution_mutation_probability", options.resolution_mutation_probability);
    return options;
  }
  if (name == "predictor_nsga2") {
    search::PredictorNsga2Options options;
    ReadInteger(json.at("initial"), options.initial);
    ReadInteger(json.at("retrain_every"), options.retrain_every);
    ReadInteger(json.at("population"), options.population);
    ReadInteger(json.at("generations"), options.generations);
    options.exploration = json.at("exploration");
    options.mutation_probability = json.at("mutation_probability");
    return options;
  }
  search::Nsga2Options options;
  ReadInteger(json.at("population"), options.population);
  options.crossover_probability = json.at("crossover_probability");
  options.mutation_probability = json.at("mutation_probability");
  return options;
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
  spec.algorithm = AlgorithmFromJson(json.at("algorithm"));
  ReadInteger(json.at("max_candidates"), spec.max_candidates);
  ReadInteger(json.at("max_parallel"), spec.max_parallel);
  ReadInteger(json.at("seed"), spec.seed);
  const Json& evaluation = json.at("evaluation");
  spec.evaluation.data_digest = evaluation.at("data_digest");
  ReadInteger(evaluation.at("calibration_images"), spec.evaluation.calibration_images);
  ReadInteger(evaluation.at("evaluation_images"), spec.evaluation.evaluation_images);
  spec.evaluation.precision = evaluation.at("precision");
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
  json["algorithm"] =
      std::visit([](const auto& options) { return AlgorithmToJson(options); }, spec.algorithm);
  json["max_candidates"] = spec.max_candidates;
  json["max_parallel"] = spec.max_parallel;
  json["seed"] = spec.seed;
  json["evaluation"] = {{"data_digest", spec.evaluation.data_digest},
                        {"calibration_images", spec.evaluation.calibration_images},
                        {"evaluation_images", spec.evaluation.evaluation_images},
                        {"precision", spec.evaluation.precision}};
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
    return Damaged(error.what());
  }
  return spec;
}

}  // namespace niwaki::jobs
