#include "libs/train/checkpoint/manifest.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::train {
namespace {

absl::Status Corrupt(absl::string_view field, absl::string_view problem) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(absl::StrCat("manifest.", field))
      .Message(absl::StrCat("manifest: ", field, " ", problem));
}

absl::StatusOr<std::string> Text(const Json& json, const char* key) {
  const auto it = json.find(key);
  if (it == json.end() || !it->is_string()) return Corrupt(key, "is not a string");
  return it->get<std::string>();
}

absl::StatusOr<Json> Object(const Json& json, const char* key) {
  const auto it = json.find(key);
  if (it == json.end() || !it->is_object()) return Corrupt(key, "is not an object");
  return *it;
}

absl::Status CheckVersion(const Json& json) {
  const auto it = json.find("format_version");
  if (it == json.end() || !it->is_number_integer())
    return Corrupt("format_version", "is not an integer");
  const int64_t version = it->get<int64_t>();
  if (version == kManifestVersion) return absl::OkStatus();
  if (version < kManifestVersion)
    return Corrupt("format_version", absl::StrCat(version, " is unknown"));
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew)
      .Field("manifest.format_version")
      .Value(version)
      .Limit(kManifestVersion)
      .Message(absl::StrCat("the supernet was written by a newer Niwaki: format_version ", version,
                            ", this one reads ", kManifestVersion));
}

absl::Status ReadCounters(const Json& json, Manifest& manifest) {
  for (const char* key : {"seed", "step"}) {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_number_unsigned()) return Corrupt(key, "is not a count");
  }
  constexpr uint64_t kMostSteps = std::numeric_limits<int64_t>::max();
  if (json.find("step")->get<uint64_t>() > kMostSteps) return Corrupt("step", "is too large");
  manifest.seed = json.find("seed")->get<uint64_t>();
  manifest.step = json.find("step")->get<int64_t>();
  const auto progress = json.find("progress");
  if (progress == json.end() || !progress->is_number())
    return Corrupt("progress", "is not a number");
  manifest.progress = progress->get<double>();
  return absl::OkStatus();
}

absl::Status ReadClassNamesKnown(const Json& json, Manifest& manifest) {
  const auto it = json.find("class_names_known");
  if (it == json.end()) {
    const std::vector<std::string>& names = manifest.data.class_names;
    manifest.class_names_known = !manifest.data_digest.empty() ||
                                 names != data::NumberedClasses(static_cast<int>(names.size()));
    return absl::OkStatus();
  }
  if (!it->is_boolean()) return Corrupt("class_names_known", "is neither true nor false");
  manifest.class_names_known = it->get<bool>();
  return absl::OkStatus();
}

}  // namespace

data::TrainedOn Manifest::trained_on() const {
  data::TrainedOn trained;
  trained.data = data;
  trained.class_names_known = class_names_known;
  // An import without data states classes and normalisation only.
  trained.preparation_known =
      !data_digest.empty() || data.front_end.has_value() || !data.attributes.empty();
  return trained;
}

std::string Manifest::ToJson() const {
  Json json = Json::object();
  json["format_version"] = kManifestVersion;
  json["space_structure"] = space_structure;
  json["space"] = space_textproto;
  json["data_digest"] = data_digest;
  json["data"] = Json::parse(data.ToJson());
  json["class_names_known"] = class_names_known;
  json["recipe"] = Json::parse(recipe.ToJson());
  json["seed"] = seed;
  json["step"] = step;
  json["progress"] = progress;
  return json.dump();
}

absl::StatusOr<Manifest> Manifest::FromJson(absl::string_view text) {
  const auto json = ParseJson(text, "manifest");
  if (!json.ok()) return Corrupt("text", json.status().message());
  if (!json->is_object()) return Corrupt("text", "is not a JSON object");
  NIWAKI_RETURN_IF_ERROR(CheckVersion(*json));
  Manifest manifest;
  NIWAKI_ASSIGN_OR_RETURN(manifest.space_structure, Text(*json, "space_structure"));
  NIWAKI_ASSIGN_OR_RETURN(manifest.space_textproto, Text(*json, "space"));
  NIWAKI_ASSIGN_OR_RETURN(manifest.data_digest, Text(*json, "data_digest"));
  NIWAKI_ASSIGN_OR_RETURN(const Json data, Object(*json, "data"));
  NIWAKI_ASSIGN_OR_RETURN(manifest.data, data::Metadata::FromJson(data.dump()));
  NIWAKI_RETURN_IF_ERROR(ReadClassNamesKnown(*json, manifest));
  NIWAKI_ASSIGN_OR_RETURN(const Json recipe, Object(*json, "recipe"));
  NIWAKI_ASSIGN_OR_RETURN(manifest.recipe, Recipe::FromJson(recipe.dump(), "manifest.recipe"));
  NIWAKI_RETURN_IF_ERROR(ReadCounters(*json, manifest));
  return manifest;
}

}  // namespace niwaki::train
