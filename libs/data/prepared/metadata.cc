#include "libs/data/prepared/metadata.h"

#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/json_number.h"

namespace niwaki::data {
namespace {

constexpr int kMaxClasses = 65536;
constexpr int kMaxChannels = 64;
constexpr int kMaxSide = 4096;
// With the other bounds this keeps the size of a file below 2^63.
constexpr int64_t kMaxExamples = int64_t{1} << 28;
constexpr size_t kMaxNameBytes = 256;
// Of the files and examples that `source` names.
constexpr size_t kMaxSourceNames = 20;

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value, " not in ", limit));
}

// JSON holds nothing but UTF-8.
bool IsUtf8(const std::string& text) {
  try {
    Json(text).dump();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

absl::Status CheckName(absl::string_view field, const std::string& name) {
  if (!name.empty() && name.size() <= kMaxNameBytes && IsUtf8(name)) return absl::OkStatus();
  return Invalid(field, name, absl::StrCat("1 to ", kMaxNameBytes, " bytes of UTF-8"));
}

absl::Status CheckNormalisation(const Metadata& m) {
  if (!std::isfinite(m.scale) || m.scale == 0) {
    return Invalid("scale", m.scale, "finite numbers but 0");
  }
  if (!std::isfinite(m.offset)) return Invalid("offset", m.offset, "finite numbers");
  NIWAKI_RETURN_IF_ERROR(CheckRange("mean.size", m.mean.size(), m.channels, m.channels));
  NIWAKI_RETURN_IF_ERROR(CheckRange("stddev.size", m.stddev.size(), m.channels, m.channels));
  for (int c = 0; c < m.channels; ++c) {
    if (!std::isfinite(m.mean[c])) {
      return Invalid(absl::StrCat("mean[", c, "]"), m.mean[c], "finite numbers");
    }
    if (!std::isfinite(m.stddev[c]) || m.stddev[c] <= 0) {
      return Invalid(absl::StrCat("stddev[", c, "]"), m.stddev[c], "finite numbers above 0");
    }
  }
  return absl::OkStatus();
}

Json FrontEndToJson(const LogMelOptions& o) {
  return Json{{"kind", "log_mel"},
              {"version", o.version},
              {"sample_rate_hz", o.sample_rate_hz},
              {"clip_samples", o.clip_samples},
              {"window_samples", o.window_samples},
              {"stride_samples", o.stride_samples},
              {"fft_size", o.fft_size},
              {"mel_bins", o.mel_bins},
              {"low_hz", o.low_hz},
              {"high_hz", o.high_hz},
              {"floor_db", o.floor_db}};
}

LogMelOptions FrontEndFromJson(const Json& json) {
  LogMelOptions o;
  // Files that were written before there was another do not say theirs.
  o.version = json.contains("version") ? Integer<int>(json.at("version")) : 1;
  o.sample_rate_hz = Integer<int>(json.at("sample_rate_hz"));
  o.clip_samples = Integer<int>(json.at("clip_samples"));
  o.window_samples = Integer<int>(json.at("window_samples"));
  o.stride_samples = Integer<int>(json.at("stride_samples"));
  o.fft_size = Integer<int>(json.at("fft_size"));
  o.mel_bins = Integer<int>(json.at("mel_bins"));
  o.low_hz = json.at("low_hz").get<double>();
  o.high_hz = json.at("high_hz").get<double>();
  o.floor_db = json.at("floor_db").get<double>();
  return o;
}

absl::StatusOr<ElementType> ParseElementType(absl::string_view name) {
  for (ElementType type : {ElementType::kUint8, ElementType::kInt8, ElementType::kFloat32}) {
    if (ElementTypeName(type) == name) return type;
  }
  return Invalid("element", name, "{uint8, int8, float32}");
}

// Throws nlohmann's exceptions for missing keys and wrong types; FromJson catches them.
absl::StatusOr<Metadata> Extract(const Json& json) {
  Metadata m;
  m.name = json.at("name").get<std::string>();
  m.class_names = json.at("classes").get<std::vector<std::string>>();
  const Json& shape = json.at("shape");
  NIWAKI_RETURN_IF_ERROR(CheckRange("shape.size", shape.is_array() ? shape.size() : 0, 3, 3));
  m.channels = Integer<int>(shape[0]);
  m.height = Integer<int>(shape[1]);
  m.width = Integer<int>(shape[2]);
  NIWAKI_ASSIGN_OR_RETURN(m.element_type, ParseElementType(json.at("element").get<std::string>()));
  m.scale = json.at("scale").get<double>();
  m.offset = json.at("offset").get<double>();
  m.mean = json.at("mean").get<std::vector<double>>();
  m.stddev = json.at("stddev").get<std::vector<double>>();
  m.has_groups = json.at("groups").get<bool>();
  if (json.contains("front_end")) m.front_end = FrontEndFromJson(json.at("front_end"));
  m.attributes = json.at("attributes").get<std::map<std::string, std::string>>();
  if (json.contains("source")) m.source = SourceReportFromJson(json.at("source"));
  for (Split split : kAllSplits) {
    m.sizes[static_cast<int>(split)] =
        Integer<int64_t>(json.at("splits").at(std::string(SplitName(split))));
  }
  return m;
}

}  // namespace

absl::Status CheckClassNames(const std::vector<std::string>& names) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("classes", names.size(), 1, kMaxClasses));
  std::set<absl::string_view> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string field = absl::StrCat("classes[", i, "]");
    NIWAKI_RETURN_IF_ERROR(CheckName(field, names[i]));
    if (!seen.insert(names[i]).second) return Invalid(field, names[i], "names used once");
  }
  return absl::OkStatus();
}

absl::string_view SplitName(Split split) {
  switch (split) {
    case Split::kTrain:
      return "train";
    case Split::kCalibration:
      return "calibration";
    case Split::kValidation:
      return "validation";
    case Split::kTest:
      return "test";
  }
  return "";
}

absl::StatusOr<Split> ParseSplit(absl::string_view name) {
  for (Split split : kAllSplits) {
    if (SplitName(split) == name) return split;
  }
  return Invalid("split", name, "{train, calibration, validation, test}");
}

absl::string_view ElementTypeName(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kInt8:
      return "int8";
    case ElementType::kFloat32:
      return "float32";
  }
  return "";
}

int ElementBytes(ElementType type) { return type == ElementType::kFloat32 ? 4 : 1; }

absl::Status Metadata::Validate() const {
  NIWAKI_RETURN_IF_ERROR(CheckName("name", name));
  NIWAKI_RETURN_IF_ERROR(CheckClassNames(class_names));
  NIWAKI_RETURN_IF_ERROR(CheckRange("shape[0]", channels, 1, kMaxChannels));
  NIWAKI_RETURN_IF_ERROR(CheckRange("shape[1]", height, 1, kMaxSide));
  NIWAKI_RETURN_IF_ERROR(CheckRange("shape[2]", width, 1, kMaxSide));
  NIWAKI_RETURN_IF_ERROR(CheckNormalisation(*this));
  for (Split split : kAllSplits) {
    NIWAKI_RETURN_IF_ERROR(CheckRange(absl::StrCat("splits.", SplitName(split)),
                                      sizes[static_cast<int>(split)], 0, kMaxExamples));
  }
  if (!front_end.has_value()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(front_end->Validate());
  NIWAKI_RETURN_IF_ERROR(CheckRange("shape[0]", channels, 1, 1));
  NIWAKI_RETURN_IF_ERROR(CheckRange("shape[1]", height, front_end->Frames(), front_end->Frames()));
  return CheckRange("shape[2]", width, front_end->mel_bins, front_end->mel_bins);
}

std::string Metadata::ToJson() const {
  Json json;
  json["name"] = name;
  json["classes"] = class_names;
  json["shape"] = {channels, height, width};
  json["element"] = std::string(ElementTypeName(element_type));
  json["scale"] = scale;
  json["offset"] = offset;
  json["mean"] = mean;
  json["stddev"] = stddev;
  json["groups"] = has_groups;
  if (front_end.has_value()) json["front_end"] = FrontEndToJson(*front_end);
  json["attributes"] = Json::object();
  for (const auto& [key, value] : attributes) json["attributes"][key] = value;
  if (source.has_value()) json["source"] = SourceReportToJson(*source, kMaxSourceNames);
  for (Split split : kAllSplits) {
    json["splits"][std::string(SplitName(split))] = sizes[static_cast<int>(split)];
  }
  // Attributes are free text: bytes that are not UTF-8 are replaced rather than thrown on.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Metadata> Metadata::FromJson(absl::string_view text) {
  NIWAKI_ASSIGN_OR_RETURN(Json json, ParseJson(text, "metadata"));
  try {
    NIWAKI_ASSIGN_OR_RETURN(Metadata metadata, Extract(json));
    NIWAKI_RETURN_IF_ERROR(metadata.Validate());
    return metadata;
  } catch (const Json::exception& e) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("metadata")
        .Message(absl::StrCat("metadata: ", JsonErrorText(e)));
  }
}

}  // namespace niwaki::data
