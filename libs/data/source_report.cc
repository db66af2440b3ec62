#include "libs/data/source_report.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/text/json_number.h"

namespace niwaki::data {
namespace {

constexpr size_t kMaxLines = 20;
constexpr size_t kMaxPairs = 5;
constexpr size_t kColumn = 12;

int64_t Count(const Json& json, const char* key) {
  return static_cast<int64_t>(Integer<uint32_t>(json.at(key)));
}

void AppendLine(const std::string& label, const std::string& text, std::string& out) {
  const size_t blanks = label.size() < kColumn ? kColumn - label.size() : 1;
  absl::StrAppend(&out, label, std::string(blanks, ' '), text, "\n");
}

// Control characters become blanks; quotes stay, for a command in the text to be run as it stands.
std::string OnOneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); }, ' ');
  return text;
}

std::string Counted(int64_t count, absl::string_view one, absl::string_view more) {
  return absl::StrCat(count, " ", count == 1 ? one : more);
}

// " and 4 more"; nothing where all are shown.
std::string More(size_t shown, int64_t all) {
  const int64_t left = all - static_cast<int64_t>(shown);
  return left > 0 ? absl::StrCat(" and ", left, " more") : "";
}

// ": a = b; c = d and 4 more" of `all`.
std::string Some(const std::vector<std::string>& pairs, int64_t all) {
  const size_t shown = std::min(pairs.size(), kMaxPairs);
  if (shown == 0) return "";
  return absl::StrCat(": ", absl::StrJoin(pairs.begin(), pairs.begin() + shown, "; "),
                      More(shown, all));
}

}  // namespace

int64_t SourceReport::PassedOver() const {
  int64_t sum = 0;
  for (const auto& [reason, count] : passed_over) sum += count;
  return sum;
}

Json SourceReportToJson(const SourceReport& report, size_t max_names) {
  Json json;
  json["files"] = report.files;
  json["used"] = report.used;
  json["passed_over"] = Json::object();
  for (const auto& [reason, count] : report.passed_over) json["passed_over"][reason] = count;
  json["bad"] = report.bad_files;
  json["bad_files"] = Json::array();
  for (size_t i = 0; i < std::min(report.bad.size(), max_names); ++i) {
    json["bad_files"].push_back(
        Json{{"file", report.bad[i].name}, {"problem", report.bad[i].problem}});
  }
  json["blank"] = report.blank_examples;
  json["blank_left_out"] = report.blank_left_out;
  const auto first = [max_names](const std::vector<std::string>& all) {
    return std::vector<std::string>(all.begin(), all.begin() + std::min(all.size(), max_names));
  };
  json["blank_examples"] = first(report.blank);
  json["duplicates"] = report.duplicates;
  json["duplicates_elsewhere"] = report.duplicates_elsewhere;
  json["duplicate_files"] = first(report.duplicate_files);
  json["across_splits"] = report.across_splits;
  json["across_splits_examples"] = first(report.across_splits_examples);
  json["notes"] = first(report.notes);
  return json;
}

SourceReport SourceReportFromJson(const Json& json) {
  SourceReport report;
  report.files = Count(json, "files");
  report.used = Count(json, "used");
  for (const auto& [reason, count] : json.at("passed_over").get_ref<const Json::object_t&>()) {
    report.passed_over[reason] = static_cast<int64_t>(Integer<uint32_t>(count));
  }
  report.bad_files = Count(json, "bad");
  for (const Json& item : json.at("bad_files")) {
    report.bad.push_back(
        {item.at("file").get<std::string>(), item.at("problem").get<std::string>()});
  }
  report.blank_examples = Count(json, "blank");
  report.blank = json.at("blank_examples").get<std::vector<std::string>>();
  report.duplicates = Count(json, "duplicates");
  report.duplicates_elsewhere = Count(json, "duplicates_elsewhere");
  if (json.contains("blank_left_out")) report.blank_left_out = Count(json, "blank_left_out");
  if (json.contains("duplicate_files")) {
    report.duplicate_files = json.at("duplicate_files").get<std::vector<std::string>>();
  }
  if (json.contains("across_splits")) {
    report.across_splits = Count(json, "across_splits");
    report.across_splits_examples =
        json.at("across_splits_examples").get<std::vector<std::string>>();
  }
  report.notes = json.at("notes").get<std::vector<std::string>>();
  return report;
}

std::string SourceReportText(const SourceReport& report) {
  std::string text;
  AppendLine("files",
             absl::StrCat(report.files, ": ", report.used, " used, ", report.PassedOver(),
                          " passed over, ", report.bad_files, " bad"),
             text);
  for (const auto& [reason, count] : report.passed_over) {
    AppendLine("passed over", absl::StrCat(count, ": ", reason), text);
  }
  const size_t shown = std::min(report.bad.size(), kMaxLines);
  for (size_t i = 0; i < shown; ++i) {
    AppendLine("bad",
               absl::StrCat(PlainName(report.bad[i].name), ": ", OnOneLine(report.bad[i].problem)),
               text);
  }
  if (report.bad_files > static_cast<int64_t>(shown)) {
    AppendLine("bad", More(shown, report.bad_files).substr(1), text);
  }
  if (report.blank_examples > 0) {
    std::vector<std::string> named = report.blank;
    named.resize(std::min(named.size(), kMaxLines));
    AppendLine(
        "blank",
        absl::StrCat(Counted(report.blank_examples, "example", "examples"),
                     " silent or of one colour", report.blank_left_out > 0 ? ", left out: " : ": ",
                     NameSome(named, kMaxLines), More(named.size(), report.blank_examples)),
        text);
  }
  if (report.duplicates > 0) {
    AppendLine("duplicates",
               absl::StrCat(Counted(report.duplicates, "file has", "files have"),
                            " the content of another one, ", report.duplicates_elsewhere,
                            report.duplicates == 1 ? "" : " of them", " under another class",
                            Some(report.duplicate_files, report.duplicates)),
               text);
  }
  if (report.across_splits > 0) {
    AppendLine("in 2 splits",
               absl::StrCat(Counted(report.across_splits, "example is", "examples are"),
                            " in another split, too, which flatters the scores",
                            Some(report.across_splits_examples, report.across_splits)),
               text);
  }
  for (const std::string& note : report.notes) AppendLine("note", note, text);
  return text;
}

std::string PlainName(const std::string& name) {
  const bool plain = !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isspace(c) || absl::ascii_iscntrl(c) || c == '"' || c == ',';
  });
  // Bytes beyond ASCII stay as they are: names are UTF-8 nearly always.
  return plain ? name : absl::StrCat("\"", absl::Utf8SafeCHexEscape(name), "\"");
}

std::string NameSome(const std::vector<std::string>& names, size_t most) {
  const size_t shown = std::min(names.size(), most);
  const std::string text = absl::StrJoin(
      names.begin(), names.begin() + shown, ", ",
      [](std::string* out, const std::string& name) { absl::StrAppend(out, PlainName(name)); });
  return text + More(shown, static_cast<int64_t>(names.size()));
}

}  // namespace niwaki::data
