#include "libs/jobfile/job_file.h"

#include <iostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/units.h"
#include "libs/jobfile/document.h"
#include "libs/jobfile/field_reader.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/quantity.h"
#include "libs/jobfile/resource_name.h"
#include "libs/jobs/precision.h"

namespace niwaki::jobfile {
namespace {

// "kws" or "supernets/kws" → "supernets/kws".
absl::StatusOr<std::string> ReadResourceName(const FieldReader& field,
                                             absl::string_view collection) {
  if (field.empty()) {
    return field.Fail("is required", absl::StrCat("the name of one of the ", collection));
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, field.String());
  const absl::StatusOr<std::string> name = ResourceName(collection, text, field.path());
  if (name.ok()) return name;
  return field.Fail(name.status().message(), GetErrorDetail(name.status())->limit);
}

absl::Status ReadObjectives(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  constexpr size_t kMaxObjectives = 4;
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<FieldReader> items, field.Items());
  if (items.empty() || items.size() > kMaxObjectives) {
    return field.Fail(absl::StrCat("has ", items.size(), " entries"), "1 to 4 metrics");
  }
  for (const FieldReader& item : items) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string name, item.OneOf(MetricNames()));
    const v1::Metric metric = *MetricByName(name);
    for (int other : spec->objectives()) {
      if (other == metric) return item.Fail("stands twice", "each metric once");
    }
    spec->add_objectives(metric);
  }
  return absl::OkStatus();
}

// A limit in the metric's unit.
absl::StatusOr<double> ParseLimit(v1::Metric metric, absl::string_view text) {
  switch (metric) {
    case v1::METRIC_SRAM_BYTES:
    case v1::METRIC_FLASH_BYTES:
      return ParseBytes(text);
    case v1::METRIC_LATENCY_US:
      return ParseMicros(text);
    case v1::METRIC_ENERGY_MJ:
      return ParseMillijoules(text);
    default:
      return ParseCount(text);
  }
}

absl::Status ReadConstraints(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(field.ExpectMap(CostMetricNames()));
  for (const auto& entry : field.node().fields) {
    const FieldReader limit = field.Field(entry.first);
    const v1::Metric metric = *MetricByName(entry.first);
    NIWAKI_ASSIGN_OR_RETURN(const std::string text, limit.String());
    const absl::StatusOr<double> max = ParseLimit(metric, text);
    if (!max.ok()) {
      return limit.Fail(max.status().message(), GetErrorDetail(max.status())->limit);
    }
    if (!(*max > 0)) return limit.Fail("must be above 0", "above 0");
    for (const v1::Constraint& other : spec->constraints()) {
      if (other.metric() == metric) return limit.Fail("limits a metric twice", "each metric once");
    }
    v1::Constraint* constraint = spec->add_constraints();
    constraint->set_metric(metric);
    constraint->set_max(*max);
  }
  return absl::OkStatus();
}

absl::Status ReadEvolution(const FieldReader& field, v1::Evolution* evolution) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(
      field.ExpectMap({"population", "parent_ratio", "mutation_ratio", "mutation_probability",
                       "resolution_mutation_probability"}));
  if (const FieldReader f = field.Field("population"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t population, f.Integer(2, 10000));
    evolution->set_population(population);
  }
  if (const FieldReader f = field.Field("parent_ratio"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double ratio, f.Number(0, false, 1));
    evolution->set_parent_ratio(ratio);
  }
  if (const FieldReader f = field.Field("mutation_ratio"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double ratio, f.Number(0, true, 1));
    evolution->set_mutation_ratio(ratio);
  }
  if (const FieldReader f = field.Field("mutation_probability"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double probability, f.Number(0, false, 1));
    evolution->set_mutation_probability(probability);
  }
  if (const FieldReader f = field.Field("resolution_mutation_probability"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double probability, f.Number(0, true, 1));
    evolution->set_resolution_mutation_probability(probability);
  }
  return absl::OkStatus();
}

absl::Status ReadNsga2(const FieldReader& field, v1::Nsga2* nsga2) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(
      field.ExpectMap({"population", "crossover_probability", "mutation_probability"}));
  if (const FieldReader f = field.Field("population"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t population, f.Integer(4, 10000));
    nsga2->set_population(population);
  }
  if (const FieldReader f = field.Field("crossover_probability"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double probability, f.Number(0, true, 1));
    nsga2->set_crossover_probability(probability);
  }
  if (const FieldReader f = field.Field("mutation_probability"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double probability, f.Number(0, false, 1));
    nsga2->set_mutation_probability(probability);
  }
  return absl::OkStatus();
}

absl::Status ReadPredictorNsga2(const FieldReader& field, v1::PredictorNsga2* predictor) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(field.ExpectMap({"initial", "retrain_every", "population", "generations",
                                          "exploration", "mutation_probability"}));
  if (const FieldReader f = field.Field("initial"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t initial, f.Integer(8, 100000));
    predictor->set_initial(initial);
  }
  if (const FieldReader f = field.Field("retrain_every"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t slots, f.Integer(1, 10000));
    predictor->set_retrain_every(slots);
  }
  if (const FieldReader f = field.Field("population"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t population, f.Integer(4, 10000));
    predictor->set_population(population);
  }
  if (const FieldReader f = field.Field("generations"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t generations, f.Integer(1, 1000));
    predictor->set_generations(generations);
  }
  if (const FieldReader f = field.Field("exploration"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double share, f.Number(0, true, 1));
    predictor->set_exploration(share);
  }
  if (const FieldReader f = field.Field("mutation_probability"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double probability, f.Number(0, false, 1));
    predictor->set_mutation_probability(probability);
  }
  return absl::OkStatus();
}

// "nsga2", or a map with one algorithm and its settings.
absl::Status ReadAlgorithm(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  static const auto* const names =
      new std::vector<std::string>{"random", "evolution", "nsga2", "predictor_nsga2"};
  std::string name;
  if (field.node().kind == DocumentNode::Kind::kScalar) {
    NIWAKI_ASSIGN_OR_RETURN(name, field.OneOf(*names));
  } else {
    NIWAKI_RETURN_IF_ERROR(field.ExpectMap(*names));
    if (field.node().fields.size() != 1) {
      return field.Fail(absl::StrCat("has ", field.node().fields.size(), " fields"),
                        "one of random, evolution, nsga2, predictor_nsga2");
    }
    name = field.node().fields[0].first;
  }
  const FieldReader settings = field.Field(name);
  if (name == "evolution") return ReadEvolution(settings, spec->mutable_evolution());
  if (name == "nsga2") return ReadNsga2(settings, spec->mutable_nsga2());
  if (name == "predictor_nsga2") {
    return ReadPredictorNsga2(settings, spec->mutable_predictor_nsga2());
  }
  spec->mutable_random();
  return settings.empty() ? absl::OkStatus() : settings.ExpectMap({});
}

absl::Status ReadEvaluation(const FieldReader& field, v1::JobSpec* spec) {
  constexpr int64_t kMaxImages = 1000000;
  if (field.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(
      field.ExpectMap({"data", "calibration_images", "evaluation_images", "precision"}));
  v1::Evaluation* evaluation = spec->mutable_evaluation();
  if (const FieldReader f = field.Field("data"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string digest, f.String());
    const bool valid =
        digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!valid) return f.Fail("is not a SHA-256 in hexadecimal", "64 characters 0-9 and a-f");
    evaluation->set_data_digest(digest);
  }
  if (const FieldReader f = field.Field("calibration_images"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t images, f.Integer(1, kMaxImages));
    evaluation->set_calibration_images(images);
  }
  if (const FieldReader f = field.Field("evaluation_images"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t images, f.Integer(1, kMaxImages));
    evaluation->set_evaluation_images(images);
  }
  if (const FieldReader f = field.Field("precision"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(*evaluation->mutable_precision(), f.OneOf(jobs::KnownPrecisions()));
  }
  return absl::OkStatus();
}

absl::Status ReadSize(const FieldReader& root, v1::JobSpec* spec) {
  if (const FieldReader f = root.Field("max_candidates"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t count, f.Integer(1, 1000000));
    spec->set_max_candidates(count);
  }
  if (const FieldReader f = root.Field("max_parallel"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t count, f.Integer(1, 4096));
    spec->set_max_parallel(count);
  }
  if (const FieldReader f = root.Field("seed"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const uint64_t seed, f.Unsigned());
    spec->set_seed(seed);
  }
  return absl::OkStatus();
}

absl::Status ReadName(const FieldReader& field, v1::JobSpec* spec) {
  constexpr size_t kMaxName = 200;
  if (field.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const std::string name, field.String());
  if (name.size() > kMaxName) return field.Fail("is too long", "at most 200 characters");
  spec->set_display_name(name);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::JobSpec> ParseJobSpec(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const DocumentNode document, ParseDocument(text, what));
  const FieldReader root(document, what);
  NIWAKI_RETURN_IF_ERROR(
      root.ExpectMap({"name", "supernet", "device", "objectives", "constraints", "algorithm",
                      "max_candidates", "max_parallel", "seed", "evaluation"}));
  v1::JobSpec spec;
  NIWAKI_RETURN_IF_ERROR(ReadName(root.Field("name"), &spec));
  NIWAKI_ASSIGN_OR_RETURN(*spec.mutable_supernet(),
                          ReadResourceName(root.Field("supernet"), "supernets"));
  NIWAKI_ASSIGN_OR_RETURN(*spec.mutable_device(),
                          ReadResourceName(root.Field("device"), "devices"));
  NIWAKI_RETURN_IF_ERROR(ReadObjectives(root.Field("objectives"), &spec));
  NIWAKI_RETURN_IF_ERROR(ReadConstraints(root.Field("constraints"), &spec));
  NIWAKI_RETURN_IF_ERROR(ReadAlgorithm(root.Field("algorithm"), &spec));
  NIWAKI_RETURN_IF_ERROR(ReadSize(root, &spec));
  NIWAKI_RETURN_IF_ERROR(ReadEvaluation(root.Field("evaluation"), &spec));
  if (spec.has_evolution() && spec.objectives_size() > 1) {
    return root.Field("algorithm")
        .Fail("evolution takes one objective, nsga2 several", "one objective");
  }
  return spec;
}

absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path) {
  if (path == "-") {
    std::string text(kMaxDocumentBytes + 1, '\0');
    std::cin.read(text.data(), text.size());
    text.resize(std::cin.gcount());
    return ParseJobSpec(text, "standard input");
  }
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxDocumentBytes);
  if (absl::IsResourceExhausted(text.status())) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(path)
        .Limit(kMaxDocumentBytes)
        .Message(absl::StrCat(path, ": more than ", kMaxDocumentBytes, " bytes"));
  }
  NIWAKI_RETURN_IF_ERROR(text.status());
  return ParseJobSpec(*text, path);
}

}  // namespace niwaki::jobfile
