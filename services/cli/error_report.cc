#include "services/cli/error_report.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"

namespace niwaki::cli {
namespace {

// Of the items of an error, so many are lines of the text.
constexpr size_t kMaxItemLines = 20;

std::string Printable(absl::string_view text) {
  std::string printable(text);
  for (char& c : printable) {
    if ((c >= 0 && c < 0x20) || c == 0x7f) c = ' ';
  }
  return printable;
}

void AppendPart(absl::string_view name, absl::string_view value, std::string* text) {
  if (!value.empty()) absl::StrAppend(text, "  ", name, ": ", Printable(value), "\n");
}

// One item alone is in the message.
void AppendItems(const std::vector<ErrorItem>& items, std::string* text) {
  if (items.size() == 1) return;
  const size_t lines = std::min(items.size(), kMaxItemLines);
  for (size_t i = 0; i < lines; ++i) {
    absl::StrAppend(text, "  ", Printable(items[i].name), ": ", Printable(items[i].problem), "\n");
  }
  if (lines == items.size()) return;
  absl::StrAppend(text, "  and ", items.size() - lines, " more (all with --output json)\n");
}

}  // namespace

std::string FormatErrorText(const absl::Status& status, absl::string_view program) {
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
  std::string message = Printable(status.message());
  if (message.empty()) message = absl::StatusCodeToString(status.code());
  std::string text = absl::StrCat(program, ": ", message, "\n");
  AppendItems(GetErrorItems(status), &text);
  AppendPart("field", detail.field, &text);
  AppendPart("value", detail.value, &text);
  AppendPart("limit", detail.limit, &text);
  return text;
}

Json FormatErrorJson(const absl::Status& status) {
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
  Json error;
  error["code"] = absl::StatusCodeToString(status.code());
  error["reason"] = detail.reason;
  error["field"] = detail.field;
  error["value"] = detail.value;
  error["limit"] = detail.limit;
  error["message"] = std::string(status.message());
  for (const ErrorItem& item : GetErrorItems(status)) {
    error["items"].push_back(Json{{"name", item.name}, {"problem", item.problem}});
  }
  Json wrapped;
  wrapped["error"] = std::move(error);
  return wrapped;
}

bool AsksForJson(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--output=json") return true;
    if (arguments[i] == "--output" && i + 1 < arguments.size() && arguments[i + 1] == "json") {
      return true;
    }
  }
  return false;
}

}  // namespace niwaki::cli
