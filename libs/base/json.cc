#include "libs/base/json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki {
namespace {

// Values nested deeper are refused, because writing and comparing them recurses.
constexpr int kMaxDepth = 100;

// The deepest nesting of brackets outside strings.
int DepthOf(absl::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what) {
  const int depth = DepthOf(text);
  if (depth > kMaxDepth) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(what)
        .Value(depth)
        .Limit(kMaxDepth)
        .Message(absl::StrCat(what, ": nested ", depth, " deep, at most ", kMaxDepth));
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& error) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(what)
        .Message(absl::StrCat(what, ": not JSON: ", JsonErrorText(error)));
  }
}

std::string JsonErrorText(const Json::exception& error) {
  // "[json.exception.out_of_range.403] key 'pid' not found"
  const std::string text = error.what();
  const size_t end = text.find("] ");
  return !text.empty() && text[0] == '[' && end != std::string::npos ? text.substr(end + 2) : text;
}

}  // namespace niwaki
