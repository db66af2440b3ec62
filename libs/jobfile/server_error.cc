#include "libs/jobfile/server_error.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/text/document.h"
#include "libs/jobfile/metric.h"

namespace niwaki::jobfile {
namespace {

// "constraints[2].max" → 2; -1 for another field.
int ConstraintOf(absl::string_view field) {
  int index = -1;
  if (!absl::ConsumePrefix(&field, "constraints[")) return -1;
  return absl::SimpleAtoi(field.substr(0, field.find(']')), &index) ? index : -1;
}

// As the file names the field of the message.
std::string FieldInFile(absl::string_view field, const DocumentNode& root,
                        const v1::JobSpec& spec) {
  absl::ConsumePrefix(&field, "spec.");
  if (field == "evaluation.data_digest") return "evaluation.data";
  const int index = ConstraintOf(field);
  if (index < 0) return std::string(field);
  for (const auto& [name, node] : root.fields) {
    if (name != "constraints" || index >= spec.constraints_size()) continue;
    for (const auto& [metric, limit] : node.fields) {
      if (MetricByName(metric) == spec.constraints(index).metric()) {
        return absl::StrCat("constraints.", metric);
      }
    }
  }
  return "constraints";
}

// The line of `field` ("evaluation.data", "objectives[1]") or of the last part of it that the file
// writes; 0 where it writes none.
int LineOf(absl::string_view field, const DocumentNode& root) {
  const DocumentNode* node = &root;
  int line = 0;
  for (const absl::string_view part : absl::StrSplit(field, '.')) {
    const std::string name(part.substr(0, part.find('[')));
    const DocumentNode* next = nullptr;
    for (const auto& [key, value] : node->fields) {
      if (key == name) next = &value;
    }
    if (next == nullptr) return line;
    node = next;
    line = node->line;
  }
  return line;
}

}  // namespace

absl::Status InWordsOfFile(const absl::Status& status, absl::string_view text,
                           absl::string_view what, const v1::JobSpec& spec) {
  std::optional<ErrorDetail> detail = GetErrorDetail(status);
  if (status.ok() || !detail.has_value() || detail->field.empty()) return status;
  const absl::StatusOr<DocumentNode> root = ParseDocument(text, what);
  if (!root.ok()) return status;
  const std::string field = FieldInFile(detail->field, *root, spec);
  std::string message =
      absl::StrReplaceAll(status.message(), {{detail->field, field}, {"spec.", ""}});
  const int line = LineOf(field, *root);
  if (line > 0) message = absl::StrCat(what, ":", line, ": ", message);
  absl::Status told(status.code(), message);
  detail->field = field;
  SetErrorDetail(told, *detail);
  SetErrorItems(told, GetErrorItems(status));
  return told;
}

}  // namespace niwaki::jobfile
