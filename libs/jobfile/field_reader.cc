#include "libs/jobfile/field_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobfile/suggest.h"

namespace niwaki::jobfile {
namespace {

using Kind = DocumentNode::Kind;

constexpr size_t kShownBytes = 80;

std::string DidYouMean(absl::string_view typed, const std::vector<std::string>& names) {
  const std::string closest = ClosestName(typed, names);
  return closest.empty() ? "" : absl::StrCat("; did you mean '", closest, "'?");
}

}  // namespace

FieldReader::FieldReader(const DocumentNode& root, absl::string_view what)
    : node_(&root), line_(root.line), what_(what) {}

FieldReader::FieldReader(const DocumentNode& node, int line, std::string what, std::string path)
    : node_(&node), line_(line), what_(std::move(what)), path_(std::move(path)) {}

absl::Status FieldReader::Fail(absl::string_view message, absl::string_view limit) const {
  std::string text = absl::StrCat(what_, ":", line_, ": ");
  if (!path_.empty()) absl::StrAppend(&text, path_, ": ");
  absl::StrAppend(&text, message);
  const std::string value = node_->kind == Kind::kScalar ? node_->scalar.substr(0, kShownBytes)
                                                         : std::string(KindName(node_->kind));
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(path_)
      .Value(value)
      .Limit(limit)
      .Message(text);
}

absl::Status FieldReader::ExpectMap(const std::vector<std::string>& allowed) const {
  const std::string list = allowed.empty() ? "no fields" : absl::StrJoin(allowed, ", ");
  if (node_->kind != Kind::kMap) {
    return Fail(absl::StrCat("must be a map, is ", KindName(node_->kind)),
                absl::StrCat("a map with the fields ", list));
  }
  for (const auto& [name, value] : node_->fields) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    const std::string shown = name.substr(0, kShownBytes);
    const std::string path = path_.empty() ? shown : absl::StrCat(path_, ".", shown);
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(path)
        .Value(shown)
        .Limit(list)
        .Message(absl::StrCat(what_, ":", value.line, ": unknown field '", path, "'",
                              DidYouMean(name, allowed)));
  }
  return absl::OkStatus();
}

FieldReader FieldReader::Field(absl::string_view name) const {
  static const DocumentNode* const absent = new DocumentNode;
  const std::string path = path_.empty() ? std::string(name) : absl::StrCat(path_, ".", name);
  for (const auto& field : node_->fields) {
    if (field.first == name) return FieldReader(field.second, field.second.line, what_, path);
  }
  return FieldReader(*absent, line_, what_, path);
}

absl::StatusOr<std::vector<FieldReader>> FieldReader::Items() const {
  if (node_->kind != Kind::kSequence) {
    return Fail(absl::StrCat("must be a list, is ", KindName(node_->kind)), "a list");
  }
  std::vector<FieldReader> items;
  for (const DocumentNode& item : node_->items) {
    items.push_back(
        FieldReader(item, item.line, what_, absl::StrCat(path_, "[", items.size(), "]")));
  }
  return items;
}

absl::StatusOr<std::string> FieldReader::String() const {
  if (node_->kind == Kind::kScalar) return node_->scalar;
  return Fail(absl::StrCat("must be text, is ", KindName(node_->kind)), "text");
}

absl::StatusOr<double> FieldReader::Number(const search::Range& range) const {
  const bool scalar = node_->kind == Kind::kScalar;
  if (scalar && !node_->quoted) {
    const absl::StatusOr<double> number = search::ParseInRange(path_, node_->scalar, range);
    if (number.ok()) return number;
  }
  std::string shown(KindName(node_->kind));
  if (scalar) shown = node_->quoted ? absl::StrCat("'", node_->scalar, "'") : node_->scalar;
  return Annotate(search::OutOfRange(path_, shown, range), absl::StrCat(what_, ":", line_));
}

absl::StatusOr<uint64_t> FieldReader::Unsigned() const {
  uint64_t value = 0;
  if (node_->kind == Kind::kScalar && !node_->quoted && absl::SimpleAtoi(node_->scalar, &value)) {
    return value;
  }
  // "1e3", as far as a double is exact.
  constexpr double kMostExact = uint64_t{1} << 53;
  double number = 0;
  if (node_->kind == Kind::kScalar && !node_->quoted && absl::SimpleAtod(node_->scalar, &number) &&
      number >= 0 && number <= kMostExact && number == std::floor(number) &&
      node_->scalar.find_first_of("eE") != std::string::npos) {
    return static_cast<uint64_t>(number);
  }
  return Fail("must be a whole number from 0 to 18446744073709551615", "0 to 18446744073709551615");
}

absl::StatusOr<std::string> FieldReader::OneOf(const std::vector<std::string>& names) const {
  NIWAKI_ASSIGN_OR_RETURN(std::string name, String());
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  const std::string list = absl::StrJoin(names, ", ");
  return Fail(absl::StrCat("'", name.substr(0, kShownBytes), "' is none of ", list,
                           DidYouMean(name, names)),
              list);
}

}  // namespace niwaki::jobfile
