#include "libs/board/config/config_node.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"

namespace niwaki::board {
namespace {

const DocumentNode& Nothing() {
  // Never destroyed.
  static const auto* const kNothing = new DocumentNode();
  return *kNothing;
}

}  // namespace

absl::Status ConfigNode::Fail(absl::string_view message, absl::string_view limit) const {
  const std::string at = path_.empty() ? "" : absl::StrCat(path_, ": ");
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(path_)
      .Value(node_->scalar)
      .Limit(limit)
      .Message(absl::StrCat(what_, ":", line_, ": ", at, message));
}

absl::Status ConfigNode::ExpectMap(const std::vector<std::string>& allowed) const {
  if (empty()) return absl::OkStatus();
  const std::string names = absl::StrJoin(allowed, ", ");
  if (node_->kind != DocumentNode::Kind::kMap) {
    return Fail(absl::StrCat("is ", KindName(node_->kind), ", wanted a map of ", names), names);
  }
  for (const auto& [name, value] : node_->fields) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    return Field(name).Fail(absl::StrCat("is no field here; there are ", names), names);
  }
  return absl::OkStatus();
}

ConfigNode ConfigNode::Field(absl::string_view name) const {
  const std::string path = path_.empty() ? std::string(name) : absl::StrCat(path_, ".", name);
  for (const auto& [field, value] : node_->fields) {
    if (field == name) {
      return ConfigNode(&value, value.key_line > 0 ? value.key_line : value.line, what_, path);
    }
  }
  return ConfigNode(&Nothing(), line_, what_, path);
}

absl::StatusOr<std::string> ConfigNode::Scalar(absl::string_view wanted) const {
  if (empty()) return Fail(absl::StrCat("is missing, wanted ", wanted), wanted);
  if (node_->kind == DocumentNode::Kind::kScalar) return node_->scalar;
  return Fail(absl::StrCat("is ", KindName(node_->kind), ", wanted ", wanted), wanted);
}

absl::StatusOr<std::string> ConfigNode::Text() const {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, Scalar("a text"));
  if (text.empty()) return Fail("is empty", "a text");
  return text;
}

absl::StatusOr<std::string> ConfigNode::TextOr(absl::string_view otherwise) const {
  if (empty()) return std::string(otherwise);
  return Scalar("a text");
}

absl::StatusOr<std::vector<std::string>> ConfigNode::Words() const {
  constexpr absl::string_view kWanted = "a list of words, or words with spaces between";
  std::vector<std::string> words;
  if (node_->kind == DocumentNode::Kind::kSequence) {
    for (const DocumentNode& item : node_->items) {
      NIWAKI_ASSIGN_OR_RETURN(std::string word,
                              ConfigNode(&item, item.line, what_, path_).Scalar("a word"));
      words.push_back(std::move(word));
    }
  } else {
    NIWAKI_ASSIGN_OR_RETURN(const std::string text, Scalar(kWanted));
    words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  }
  if (words.empty() || words[0].empty()) return Fail("is empty", kWanted);
  return words;
}

absl::StatusOr<absl::Duration> ConfigNode::DurationOr(absl::Duration otherwise,
                                                      absl::Duration least,
                                                      absl::Duration most) const {
  if (empty()) return otherwise;
  const std::string limit =
      absl::StrCat(absl::FormatDuration(least), " to ", absl::FormatDuration(most));
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, Scalar(limit));
  const absl::StatusOr<int64_t> micros = ParseMicros(text);
  const bool unit = !text.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(text.back()));
  if (!micros.ok() || !unit || absl::Microseconds(*micros) < least ||
      absl::Microseconds(*micros) > most) {
    return Fail(absl::StrCat("'", text, "' is not a time of ", limit, ", with its unit"), limit);
  }
  return absl::Microseconds(*micros);
}

absl::StatusOr<int64_t> ConfigNode::Bytes(int64_t least, int64_t most) const {
  const std::string limit = absl::StrCat(FormatBytes(least), " to ", FormatBytes(most));
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, Scalar(limit));
  const absl::StatusOr<int64_t> bytes = ParseBytes(text);
  if (bytes.ok() && *bytes >= least && *bytes <= most) return *bytes;
  return Fail(absl::StrCat("'", text, "' is not a size of ", limit), limit);
}

absl::StatusOr<int64_t> ConfigNode::Whole(int64_t least, int64_t most) const {
  const std::string limit = absl::StrCat(least, " to ", most);
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, Scalar(limit));
  const bool hexadecimal = absl::StrContains(absl::string_view(text).substr(0, 2), "0x");
  char* end = nullptr;
  errno = 0;
  const long long value = strtoll(text.c_str(), &end, hexadecimal ? 16 : 10);
  if (!text.empty() && *end == 0 && errno == 0 && value >= least && value <= most) return value;
  return Fail(absl::StrCat("'", text, "' is not a whole number of ", limit), limit);
}

}  // namespace niwaki::board
