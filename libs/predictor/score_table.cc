#include "libs/predictor/score_table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/csv.h"
#include "libs/base/text/text_file.h"

namespace niwaki::predictor {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{1} << 30;
constexpr char kLimit[] = "a number from 0 to 1";

absl::Status Malformed(absl::string_view place, absl::string_view field, absl::string_view value,
                       absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(field)
      .Value(value.substr(0, 80))
      .Limit(limit)
      .Message(
          absl::StrCat(place, ": ", field, " is '", value.substr(0, 80), "', it must be ", limit));
}

bool IsScore(double top1) { return top1 >= 0 && top1 <= 1; }

absl::StatusOr<double> ScoreOf(absl::string_view place, const std::string& text) {
  double top1 = 0;
  if (!absl::SimpleAtod(text, &top1) || !IsScore(top1)) {
    return Malformed(place, "top1", text, kLimit);
  }
  return top1;
}

absl::Status AddRow(const arch::SearchSpace& space, absl::string_view place,
                    const std::string& json, double top1, ScoreTable& table) {
  auto subnet = arch::SubnetFromJson(space, json);
  if (!subnet.ok()) return Annotate(subnet.status(), place);
  table.subnets.push_back(*std::move(subnet));
  table.top1.push_back(top1);
  return absl::OkStatus();
}

// Columns of a CSV file by their titles.
class Titles {
 public:
  static absl::StatusOr<Titles> Read(const std::vector<std::string>& row, absl::string_view what) {
    Titles titles;
    for (const std::string& cell : row) {
      titles.names_.push_back(std::string(absl::StripAsciiWhitespace(cell)));
    }
    if (!titles.Find("top1")) return titles.Missing(what, "top1");
    if (titles.Find("subnet")) return titles;
    for (const char* name : {"d", "ks", "e"}) {
      if (!titles.Find(name)) return titles.Missing(what, absl::StrCat(name, ", or subnet"));
    }
    return titles;
  }

  size_t size() const { return names_.size(); }

  std::optional<size_t> Find(absl::string_view name) const {
    const auto found = absl::c_find(names_, name);
    if (found == names_.end()) return std::nullopt;
    return found - names_.begin();
  }

 private:
  absl::Status Missing(absl::string_view what, absl::string_view name) const {
    return Malformed(what, "columns", absl::StrJoin(names_, ","),
                     absl::StrCat("with a column ", name));
  }

  std::vector<std::string> names_;
};

// OFA's JSON of a row without a subnet column; numbers are checked by whoever reads it.
std::string JsonOfLists(const Titles& titles, const std::vector<std::string>& row) {
  const auto cell = [&](absl::string_view name) {
    const auto column = titles.Find(name);
    return column.has_value() ? row[*column] : std::string();
  };
  std::string json = "{";
  for (const char* name : {"ks", "e", "d"}) {
    absl::StrAppend(&json, json.size() > 1 ? "," : "", "\"", name, "\":[",
                    absl::StrReplaceAll(cell(name), {{"-", ","}}), "]");
  }
  const std::string side = titles.Find("image_size") ? cell("image_size") : cell("r");
  if (!side.empty()) absl::StrAppend(&json, ",\"r\":[", side, "]");
  if (!cell("w").empty()) absl::StrAppend(&json, ",\"w\":", cell("w"));
  return json + "}";
}

absl::StatusOr<ScoreTable> ParseCsvScores(const arch::SearchSpace& space, absl::string_view text,
                                          absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const auto rows, ParseCsv(text, what));
  NIWAKI_ASSIGN_OR_RETURN(
      const Titles titles,
      Titles::Read(rows.empty() ? std::vector<std::string>() : rows.front(), what));
  ScoreTable table;
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::string place = absl::StrCat(what, " row ", i + 1);
    if (rows[i].size() != titles.size()) {
      return Malformed(place, "cells", absl::StrCat(rows[i].size()),
                       absl::StrCat(titles.size(), " as there are titles"));
    }
    const std::string& score = rows[i][*titles.Find("top1")];
    if (score.empty()) continue;
    NIWAKI_ASSIGN_OR_RETURN(const double top1, ScoreOf(place, score));
    const auto subnet = titles.Find("subnet");
    const std::string json = subnet ? rows[i][*subnet] : JsonOfLists(titles, rows[i]);
    NIWAKI_RETURN_IF_ERROR(AddRow(space, place, json, top1, table));
  }
  return table;
}

// The member of `object` of the first of `names` that it has.
const Json* FindMember(const Json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found != object.end()) return &*found;
  }
  return nullptr;
}

absl::StatusOr<ScoreTable> ParseJsonScores(const arch::SearchSpace& space, absl::string_view text,
                                           absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json document, ParseJson(text, what));
  const Json* list =
      document.is_object() ? FindMember(document, {"candidates", "scores"}) : &document;
  if (list == nullptr || !list->is_array()) {
    return Malformed(what, "document", document.type_name(),
                     "a list, or an object with a list "
                     "\"candidates\" or \"scores\"");
  }
  ScoreTable table;
  for (size_t i = 0; i < list->size(); ++i) {
    const std::string place = absl::StrCat(what, "[", i, "]");
    const Json& entry = (*list)[i];
    if (!entry.is_object()) return Malformed(place, "entry", entry.type_name(), "an object");
    const Json* score = FindMember(entry, {"score"});
    const Json* top1 =
        FindMember(score != nullptr && score->is_object() ? *score : entry, {"top1"});
    if (top1 == nullptr || top1->is_null()) continue;
    NIWAKI_ASSIGN_OR_RETURN(const double value, ScoreOf(place, top1->dump()));
    const Json* subnet = FindMember(entry, {"subnet", "subnet_json", "subnetJson"});
    if (subnet == nullptr) return Malformed(place, "subnet", "", "OFA's JSON");
    NIWAKI_RETURN_IF_ERROR(AddRow(space, place,
                                  subnet->is_string() ? subnet->get<std::string>() : subnet->dump(),
                                  value, table));
  }
  return table;
}

}  // namespace

std::string ScoreTable::Digest(const arch::SearchSpace& space) const {
  std::string text;
  for (int i = 0; i < rows(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, &top1[i], sizeof(bits));
    absl::StrAppend(&text, arch::IdOf(space, subnets[i]).ToHex(), " ", absl::Hex(bits), "\n");
  }
  return Sha256Hex(text);
}

absl::StatusOr<ScoreTable> ParseScores(const arch::SearchSpace& space, absl::string_view text,
                                       absl::string_view what) {
  const absl::string_view content = absl::StripLeadingAsciiWhitespace(text);
  const bool json = absl::StartsWith(content, "[") || absl::StartsWith(content, "{");
  return json ? ParseJsonScores(space, text, what) : ParseCsvScores(space, text, what);
}

absl::StatusOr<ScoreTable> ReadScores(const arch::SearchSpace& space, const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, kMaxFileBytes));
  return ParseScores(space, text, path);
}

absl::Status CheckScores(const ScoreTable& table) {
  const auto invalid = [](absl::string_view field, const absl::AlphaNum& value,
                          absl::string_view limit) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(field)
        .Value(value)
        .Limit(limit)
        .Message(absl::StrCat(field, " is ", value, ", it must be ", limit));
  };
  if (table.rows() < kLeastScores) {
    return invalid("scores", absl::StrCat(table.rows(), " networks"),
                   absl::StrCat("at least ", kLeastScores));
  }
  for (int i = 0; i < table.rows(); ++i) {
    if (!IsScore(table.top1[i])) {
      return invalid(absl::StrCat("top1[", i, "]"), table.top1[i], kLimit);
    }
  }
  if (absl::c_count(table.top1, table.top1[0]) == table.rows()) {
    return invalid("top1", absl::StrCat(table.top1[0], " for all ", table.rows(), " networks"),
                   "different between networks: nothing can be learned from a constant");
  }
  return absl::OkStatus();
}

}  // namespace niwaki::predictor
