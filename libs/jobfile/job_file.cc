#include "libs/jobfile/job_file.h"

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/document.h"
#include "libs/jobfile/field_reader.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/resource_name.h"
#include "libs/jobfile/spec_fields.h"
#include "libs/jobs/job_spec.h"
#include "libs/jobs/precision.h"
#include "libs/search/algorithm.h"
#include "libs/search/front/objectives.h"
#include "libs/search/option.h"

namespace niwaki::jobfile {
namespace {

using google::protobuf::Message;

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
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<FieldReader> items, field.Items());
  if (items.empty() || items.size() > search::kMaxObjectives) {
    const std::string limit = absl::StrCat("1 to ", search::kMaxObjectives, " metrics");
    return field.Fail(absl::StrCat(items.size(), " metrics, not ", limit), limit);
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

// What lifts the limit that the device's memory is.
constexpr absl::string_view kNoLimit = "none";

bool HasDeviceLimit(v1::Metric metric) {
  return metric == v1::METRIC_SRAM_BYTES || metric == v1::METRIC_FLASH_BYTES;
}

absl::Status ReadConstraints(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(field.ExpectMap(CostMetricNames()));
  for (const auto& entry : field.node().fields) {
    const FieldReader limit = field.Field(entry.first);
    const v1::Metric metric = *MetricByName(entry.first);
    NIWAKI_ASSIGN_OR_RETURN(const std::string text, limit.String());
    if (text == kNoLimit && HasDeviceLimit(metric)) {
      for (int other : spec->unlimited()) {
        if (other == metric) return limit.Fail("limits a metric twice", "each metric once");
      }
      spec->add_unlimited(metric);
      continue;
    }
    const absl::StatusOr<double> max = ParseLimit(*MetricFromProto(metric), text);
    if (!max.ok()) {
      return limit.Fail(max.status().message(), GetErrorDetail(max.status())->limit);
    }
    for (const v1::Constraint& other : spec->constraints()) {
      if (other.metric() == metric) return limit.Fail("limits a metric twice", "each metric once");
    }
    v1::Constraint* constraint = spec->add_constraints();
    constraint->set_metric(metric);
    constraint->set_max(*max);
  }
  return absl::OkStatus();
}

// Sets the options of `table` that are fields of `field` in `message`.
template <typename Table>
absl::Status ReadOptions(const FieldReader& field, const Table& table, Message& message) {
  for (const search::Option& option : table) {
    const FieldReader value = field.Field(option.name);
    if (value.empty()) continue;
    NIWAKI_ASSIGN_OR_RETURN(const double number, value.Number(option.range));
    SetNumber(option.name, number, message);
  }
  return absl::OkStatus();
}

// `more` and the names of a table.
template <typename Table>
std::vector<std::string> WithNames(std::vector<std::string> more, const Table& table) {
  for (const search::Option& option : table) more.emplace_back(option.name);
  return more;
}

// "nsga2", or a map with one algorithm and its settings.
absl::Status ReadAlgorithm(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  const std::vector<std::string> names = search::AlgorithmNames();
  std::string name;
  if (field.node().kind == DocumentNode::Kind::kScalar) {
    NIWAKI_ASSIGN_OR_RETURN(name, field.OneOf(names));
  } else {
    NIWAKI_RETURN_IF_ERROR(field.ExpectMap(names));
    if (field.node().fields.size() != 1) {
      return field.Fail(absl::StrCat("has ", field.node().fields.size(), " fields"),
                        absl::StrCat("one of ", absl::StrJoin(names, ", ")));
    }
    name = field.node().fields[0].first;
  }
  Message& message = MutableAlgorithm(name, *spec);
  const FieldReader settings = field.Field(name);
  if (settings.empty()) return absl::OkStatus();
  const std::vector<search::Option> options = search::OptionsOf(*search::AlgorithmByName(name));
  NIWAKI_RETURN_IF_ERROR(settings.ExpectMap(WithNames({}, options)));
  return ReadOptions(settings, options, message);
}

// Whether the algorithm takes as many objectives as there are; what is not written is the default.
absl::Status CheckObjectives(const FieldReader& root, const v1::JobSpec& spec) {
  const jobs::JobSpec defaults;
  const std::string name = AlgorithmName(spec);
  const search::Algorithm algorithm =
      name.empty() ? defaults.algorithm : *search::AlgorithmByName(name);
  const int objectives = spec.objectives_size() > 0 ? spec.objectives_size()
                                                    : static_cast<int>(defaults.objectives.size());
  const FieldReader field = root.Field("algorithm");
  const absl::Status status = search::CheckNumObjectives(algorithm, objectives, field.path());
  if (status.ok()) return status;
  absl::string_view message = status.message();
  absl::ConsumePrefix(&message, absl::StrCat(field.path(), ": "));
  return field.Fail(message, GetErrorDetail(status)->limit);
}

absl::Status ReadEvaluation(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(
      field.ExpectMap(WithNames({"data", "precision"}, jobs::EvaluationOptions())));
  v1::Evaluation* evaluation = spec->mutable_evaluation();
  if (const FieldReader f = field.Field("data"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string digest, f.String());
    if (!IsSha256Hex(digest)) {
      return f.Fail("is not a SHA-256 in hexadecimal", "64 characters 0-9 and a-f");
    }
    evaluation->set_data_digest(digest);
  }
  NIWAKI_RETURN_IF_ERROR(ReadOptions(field, jobs::EvaluationOptions(), *evaluation));
  if (const FieldReader f = field.Field("precision"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(*evaluation->mutable_precision(), f.OneOf(jobs::KnownPrecisions()));
  }
  return absl::OkStatus();
}

absl::Status ReadSize(const FieldReader& root, v1::JobSpec* spec) {
  NIWAKI_RETURN_IF_ERROR(ReadOptions(root, jobs::JobOptions(), *spec));
  const FieldReader seed = root.Field("seed");
  if (seed.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const uint64_t number, seed.Unsigned());
  spec->set_seed(number);
  return absl::OkStatus();
}

absl::Status ReadTestFront(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, field.OneOf({"true", "false"}));
  spec->set_test_front(text == "true");
  return absl::OkStatus();
}

// "front", "best", "none", or a map with settings.
absl::Status ReadProof(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  const std::vector<std::string> names = {"front", "best", "none"};
  const bool scalar = field.node().kind == DocumentNode::Kind::kScalar;
  if (!scalar) {
    NIWAKI_RETURN_IF_ERROR(field.ExpectMap({"members", "extra_slots", "max_members"}));
  }
  v1::ProofSpec* proof = spec->mutable_proof();
  const FieldReader members = scalar ? field : field.Field("members");
  proof->set_members(v1::PROOF_MEMBERS_BEST);
  if (!members.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string name, members.OneOf(names));
    proof->set_members(static_cast<v1::ProofMembers>(*jobs::ProofMembersFromName(name)));
  }
  if (scalar) return absl::OkStatus();
  if (const FieldReader f = field.Field("extra_slots"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double number,
                            f.Number(search::WholeNumber(0, jobs::kMaxExtraSlots)));
    proof->set_extra_slots(static_cast<int32_t>(number));
  }
  if (const FieldReader f = field.Field("max_members"); !f.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const double number,
                            f.Number(search::WholeNumber(0, jobs::kMaxProofMembers)));
    if (number > 0 && proof->members() != v1::PROOF_MEMBERS_FRONT) {
      return f.Fail("goes with members: front only", "unset");
    }
    proof->set_max_members(static_cast<int32_t>(number));
  }
  return absl::OkStatus();
}

absl::Status ReadName(const FieldReader& field, v1::JobSpec* spec) {
  if (field.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const std::string name, field.String());
  if (name.size() > jobs::kMaxDisplayName) {
    return field.Fail("is too long", absl::StrCat("at most ", jobs::kMaxDisplayName, " bytes"));
  }
  spec->set_display_name(name);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::JobSpec> ParseJobSpec(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const DocumentNode document, ParseDocument(text, what));
  const FieldReader root(document, what);
  NIWAKI_RETURN_IF_ERROR(
      root.ExpectMap(WithNames({"name", "supernet", "device", "objectives", "constraints",
                                "algorithm", "seed", "evaluation", "test_front", "proof"},
                               jobs::JobOptions())));
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
  NIWAKI_RETURN_IF_ERROR(ReadTestFront(root.Field("test_front"), &spec));
  NIWAKI_RETURN_IF_ERROR(ReadProof(root.Field("proof"), &spec));
  NIWAKI_RETURN_IF_ERROR(CheckObjectives(root, spec));
  return spec;
}

}  // namespace niwaki::jobfile
