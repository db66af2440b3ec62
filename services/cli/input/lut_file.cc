#include "services/cli/input/lut_file.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/csv.h"
#include "libs/jobfile/resource_name.h"
#include "libs/jobfile/suggest.h"
#include "services/cli/show/cost_text.h"

namespace niwaki::cli {
namespace {

using Fields = std::map<std::string, std::string>;

constexpr size_t kPlainFields = 7;

const std::vector<std::string>& FieldNames() {
  static const auto* const names = new std::vector<std::string>{
      "device", "signature", "latency_us", "spread_us", "count", "provenance", "source",
      // Of measured rows.
      "form", "placement", "kernel_set", "firmware_digest", "compiler_digest", "engine_version",
      "counted", "counted_spread", "unit", "clock_hz", "board", "time"};
  return *names;
}

std::string TextOf(const Fields& fields, const std::string& name) {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string() : it->second;
}

absl::Status Malformed(absl::string_view place, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(place)
      .Message(absl::StrCat(place, ": ", message));
}

absl::Status BadField(absl::string_view place, absl::string_view field, absl::string_view value,
                      absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value.substr(0, 80))
      .Limit(limit)
      .Message(absl::StrCat(place, ": ", field, " '", value.substr(0, 80), "' is not ", limit));
}

absl::Status CheckFieldName(absl::string_view place, const std::string& name) {
  const auto& names = FieldNames();
  if (std::find(names.begin(), names.end(), name) != names.end()) return absl::OkStatus();
  const std::string closest = jobfile::ClosestName(name, names);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(name.substr(0, 80))
      .Limit(absl::StrJoin(names, ", "))
      .Message(
          absl::StrCat(place, ": unknown field '", name.substr(0, 80), "'",
                       closest.empty() ? "" : absl::StrCat("; did you mean '", closest, "'?")));
}

absl::StatusOr<double> Microseconds(absl::string_view place, const Fields& fields,
                                    const std::string& name) {
  const auto it = fields.find(name);
  if (it == fields.end() || it->second.empty()) return 0.0;
  double value = 0;
  const bool valid = absl::SimpleAtod(it->second, &value) && std::isfinite(value) && value >= 0;
  if (!valid) return BadField(place, name, it->second, "a number from 0");
  return value;
}

absl::StatusOr<v1::Provenance> ParseProvenance(absl::string_view place, absl::string_view text) {
  for (v1::Provenance provenance :
       {v1::PROVENANCE_MEASURED, v1::PROVENANCE_EMULATED, v1::PROVENANCE_PREDICTED}) {
    if (absl::EqualsIgnoreCase(text, ProvenanceName(provenance))) return provenance;
  }
  return BadField(place, "provenance", text, "measured, emulated or predicted");
}

// What measured rows have more. What belongs together, and ranges, are the oracle's to check.
absl::Status AddMeasured(absl::string_view place, const Fields& fields, v1::LookupEntry& entry) {
  entry.set_form(TextOf(fields, "form"));
  v1::RowBuild build;
  build.set_placement(TextOf(fields, "placement"));
  build.set_kernel_set(TextOf(fields, "kernel_set"));
  build.set_firmware_digest(TextOf(fields, "firmware_digest"));
  build.set_compiler_digest(TextOf(fields, "compiler_digest"));
  build.set_engine_version(TextOf(fields, "engine_version"));
  if (build.ByteSizeLong() > 0) *entry.mutable_build() = build;
  NIWAKI_ASSIGN_OR_RETURN(const double counted, Microseconds(place, fields, "counted"));
  entry.set_counted(counted);
  NIWAKI_ASSIGN_OR_RETURN(const double spread, Microseconds(place, fields, "counted_spread"));
  entry.set_counted_spread(spread);
  entry.set_unit(TextOf(fields, "unit"));
  if (counted > 0 && entry.unit().empty()) {
    return BadField(place, "unit", "", "cycles or instructions, as counted has them");
  }
  const std::string clock = TextOf(fields, "clock_hz");
  int64_t clock_hz = 0;
  if (!clock.empty() && (!absl::SimpleAtoi(clock, &clock_hz) || clock_hz < 0)) {
    return BadField(place, "clock_hz", clock, "a whole number from 0");
  }
  entry.set_clock_hz(clock_hz);
  entry.set_board(TextOf(fields, "board"));
  const std::string time = TextOf(fields, "time");
  if (time.empty()) return absl::OkStatus();
  absl::Time parsed;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, time, &parsed, &error)) {
    return BadField(place, "time", time, "a time as 2026-11-30T12:00:00Z");
  }
  entry.mutable_time()->set_seconds(absl::ToUnixSeconds(parsed));
  return absl::OkStatus();
}

// One entry from its texts.
absl::StatusOr<v1::LookupEntry> MakeEntry(absl::string_view place, const Fields& fields) {
  for (const char* name : {"device", "signature", "latency_us", "provenance"}) {
    const auto it = fields.find(name);
    if (it == fields.end() || it->second.empty()) return BadField(place, name, "", "set");
  }
  v1::LookupEntry entry;
  const absl::StatusOr<std::string> device =
      jobfile::ResourceName("devices", fields.at("device"), "device");
  if (!device.ok()) return Annotate(device.status(), place);
  entry.set_device(*device);
  entry.set_signature(fields.at("signature"));
  NIWAKI_ASSIGN_OR_RETURN(const double latency, Microseconds(place, fields, "latency_us"));
  entry.set_latency_us(latency);
  NIWAKI_ASSIGN_OR_RETURN(const double spread, Microseconds(place, fields, "spread_us"));
  entry.set_spread_us(spread);
  int64_t count = 1;
  const auto it = fields.find("count");
  if (it != fields.end() && !it->second.empty() &&
      (!absl::SimpleAtoi(it->second, &count) || count < 1)) {
    return BadField(place, "count", it->second, "a whole number from 1");
  }
  entry.set_count(count);
  NIWAKI_ASSIGN_OR_RETURN(const v1::Provenance provenance,
                          ParseProvenance(place, fields.at("provenance")));
  entry.set_provenance(provenance);
  const auto source = fields.find("source");
  if (source != fields.end()) entry.set_source(source->second);
  NIWAKI_RETURN_IF_ERROR(AddMeasured(place, fields, entry));
  return entry;
}

absl::StatusOr<std::vector<v1::LookupEntry>> EntriesFromJson(absl::string_view text,
                                                             absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json json, ParseJson(text, what));
  std::vector<v1::LookupEntry> entries;
  for (const Json& object : json) {
    const std::string place = absl::StrCat(what, "[", entries.size(), "]");
    if (!object.is_object()) return Malformed(place, "is not an object");
    Fields fields;
    for (const auto& [name, value] : object.items()) {
      NIWAKI_RETURN_IF_ERROR(CheckFieldName(place, name));
      if (value.is_structured()) return BadField(place, name, "", "text or a number");
      fields[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    NIWAKI_ASSIGN_OR_RETURN(v1::LookupEntry entry, MakeEntry(place, fields));
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<std::vector<v1::LookupEntry>> EntriesFromCsv(absl::string_view text,
                                                            absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const auto rows, ParseCsv(text, what));
  std::vector<v1::LookupEntry> entries;
  if (rows.empty()) return entries;
  for (const std::string& name : rows[0]) {
    NIWAKI_RETURN_IF_ERROR(CheckFieldName(absl::StrCat(what, ":1"), name));
  }
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::string place = absl::StrCat(what, " row ", i + 1);
    if (rows[i].size() != rows[0].size()) {
      return Malformed(place,
                       absl::StrCat(rows[i].size(), " cells under ", rows[0].size(), " titles"));
    }
    Fields fields;
    for (size_t j = 0; j < rows[i].size(); ++j) fields[rows[0][j]] = rows[i][j];
    NIWAKI_ASSIGN_OR_RETURN(v1::LookupEntry entry, MakeEntry(place, fields));
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string CsvCell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

absl::StatusOr<std::vector<v1::LookupEntry>> ParseLutFile(absl::string_view text,
                                                          absl::string_view what) {
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "[")) {
    return EntriesFromJson(text, what);
  }
  return EntriesFromCsv(text, what);
}

std::string LutToCsv(const std::vector<v1::LookupEntry>& entries) {
  const bool measured = std::any_of(entries.begin(), entries.end(), [](const v1::LookupEntry& e) {
    return e.has_build() || !e.form().empty() || e.counted() > 0;
  });
  const auto& names = FieldNames();
  const auto end = measured ? names.end() : names.begin() + kPlainFields;
  std::string text = absl::StrCat(absl::StrJoin(names.begin(), end, ","), "\r\n");
  for (const v1::LookupEntry& entry : entries) {
    absl::StrAppend(&text, jobfile::ResourceId(entry.device()), ",", CsvCell(entry.signature()),
                    ",", absl::StrFormat("%.9g,%.9g", entry.latency_us(), entry.spread_us()), ",",
                    entry.count(), ",", ProvenanceName(entry.provenance()), ",",
                    CsvCell(entry.source()));
    if (measured) {
      const v1::RowBuild& build = entry.build();
      absl::StrAppend(&text, ",", CsvCell(entry.form()), ",", CsvCell(build.placement()), ",",
                      CsvCell(build.kernel_set()), ",", build.firmware_digest(), ",",
                      build.compiler_digest(), ",", build.engine_version(), ",");
      if (entry.counted() > 0) {
        absl::StrAppendFormat(&text, "%.12g,%.12g,%s,%d", entry.counted(), entry.counted_spread(),
                              entry.unit(), entry.clock_hz());
      } else {
        text += ",,,";
      }
      absl::StrAppend(
          &text, ",", CsvCell(entry.board()), ",",
          entry.has_time()
              ? absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                                 absl::FromUnixSeconds(entry.time().seconds()), absl::UTCTimeZone())
              : "");
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace niwaki::cli
