#include "libs/latency/transfer/calibration.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/provenance.h"
#include "libs/latency/transfer/calibration_data.h"

namespace niwaki::latency {
namespace {

constexpr double kMaxCyclesPerInstruction = 100;
constexpr double kMaxIntervalRatio = 100;
constexpr size_t kFields = 9;

absl::Status Wrong(absl::string_view field, absl::string_view value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("calibration: ", field, " is ", value, ", not ", limit));
}

absl::StatusOr<double> NumberIn(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return Wrong(name, "missing", "a number");
  return found->get<double>();
}

absl::StatusOr<std::string> TextIn(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return Wrong(name, "missing", "a text");
  return found->get<std::string>();
}

absl::StatusOr<Calibration> FromJson(const Json& object) {
  if (!object.is_object() || object.size() != kFields) {
    return Wrong("calibration", "another value", "an object of nine fields");
  }
  Calibration c;
  NIWAKI_ASSIGN_OR_RETURN(c.core, TextIn(object, "core"));
  NIWAKI_ASSIGN_OR_RETURN(c.engine, TextIn(object, "engine"));
  NIWAKI_ASSIGN_OR_RETURN(c.source, TextIn(object, "source"));
  NIWAKI_ASSIGN_OR_RETURN(c.cycles_per_instruction, NumberIn(object, "cycles_per_instruction"));
  NIWAKI_ASSIGN_OR_RETURN(c.held_out_error, NumberIn(object, "held_out_error"));
  NIWAKI_ASSIGN_OR_RETURN(c.worst_error, NumberIn(object, "worst_error"));
  NIWAKI_ASSIGN_OR_RETURN(c.interval_ratio, NumberIn(object, "interval_ratio"));
  NIWAKI_ASSIGN_OR_RETURN(const double pairs, NumberIn(object, "pairs"));
  NIWAKI_ASSIGN_OR_RETURN(const double held_out, NumberIn(object, "held_out"));
  for (const auto& [name, count] : {std::pair("pairs", pairs), {"held_out", held_out}}) {
    if (!(count >= 1 && count <= 1e6)) return Wrong(name, absl::StrCat(count), "1 to 1000000");
  }
  c.pairs = static_cast<int>(pairs);
  c.held_out = static_cast<int>(held_out);
  NIWAKI_RETURN_IF_ERROR(Validate(c));
  return c;
}

}  // namespace

absl::Status Validate(const Calibration& c) {
  for (const auto& [name, text] :
       {std::pair("core", &c.core), {"engine", &c.engine}, {"source", &c.source}}) {
    if (text->empty()) return Wrong(name, "empty", "a text");
  }
  for (const auto& [name, count] : {std::pair("pairs", c.pairs), {"held_out", c.held_out}}) {
    if (count < 1) return Wrong(name, absl::StrCat(count), "at least 1");
  }
  // NaN fails every comparison.
  if (!(c.cycles_per_instruction > 0 && c.cycles_per_instruction <= kMaxCyclesPerInstruction)) {
    return Wrong("cycles_per_instruction", absl::StrCat(c.cycles_per_instruction),
                 "above 0, at most 100");
  }
  if (!(c.interval_ratio >= 1 && c.interval_ratio <= kMaxIntervalRatio)) {
    return Wrong("interval_ratio", absl::StrCat(c.interval_ratio), "1 to 100");
  }
  if (!(c.held_out_error >= 0 && c.held_out_error <= c.worst_error &&
        std::isfinite(c.worst_error))) {
    return Wrong("held_out_error", absl::StrCat(c.held_out_error), "0 to the worst error");
  }
  return absl::OkStatus();
}

const std::vector<Calibration>& DefaultCalibrations() {
  static const auto* const calibrations = [] {
    auto parsed = CalibrationsFromJson(DefaultCalibrationsText());
    NIWAKI_CHECK(parsed.ok());
    return new std::vector<Calibration>(*std::move(parsed));
  }();
  return *calibrations;
}

absl::StatusOr<Calibration> FindCalibration(absl::string_view core, absl::string_view engine) {
  for (const Calibration& calibration : DefaultCalibrations()) {
    if (calibration.core == core && calibration.engine == engine) return calibration;
  }
  const std::string known = absl::StrJoin(
      DefaultCalibrations(), ", ", [](std::string* text, const Calibration& calibration) {
        absl::StrAppend(text, calibration.core, " ", calibration.engine);
      });
  return Error(absl::StatusCode::kNotFound, reason::kArgumentInvalid)
      .Field("engine")
      .Value(engine)
      .Limit(known)
      .Message(
          absl::StrCat("there is no calibration of ", engine, " on ", core, ", only of ", known));
}

cost::Figure LatencyOfInstructions(const Calibration& calibration, double instructions,
                                   double clock_mhz) {
  const double us = instructions * calibration.cycles_per_instruction / clock_mhz;
  return cost::Figure::Of(us, us / calibration.interval_ratio, us * calibration.interval_ratio,
                          cost::Provenance::kPredicted);
}

absl::StatusOr<std::vector<Calibration>> CalibrationsFromJson(absl::string_view json) {
  NIWAKI_ASSIGN_OR_RETURN(const Json list, ParseJson(json, "calibrations"));
  if (!list.is_array()) return Wrong("calibrations", "another value", "a list");
  std::vector<Calibration> calibrations;
  for (const Json& object : list) {
    NIWAKI_ASSIGN_OR_RETURN(calibrations.emplace_back(), FromJson(object));
  }
  return calibrations;
}

std::string CalibrationsToJson(const std::vector<Calibration>& calibrations) {
  Json list = Json::array();
  for (const Calibration& c : calibrations) {
    list.push_back(Json{{"core", c.core},
                        {"engine", c.engine},
                        {"cycles_per_instruction", c.cycles_per_instruction},
                        {"pairs", c.pairs},
                        {"held_out", c.held_out},
                        {"held_out_error", c.held_out_error},
                        {"worst_error", c.worst_error},
                        {"interval_ratio", c.interval_ratio},
                        {"source", c.source}});
  }
  return list.dump(2) + "\n";
}

}  // namespace niwaki::latency
