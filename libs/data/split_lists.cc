#include "libs/data/split_lists.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

constexpr int64_t kMaxListBytes = int64_t{256} << 20;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Whether the list was there.
absl::StatusOr<bool> ReadList(const std::string& folder, const char* name, Split split,
                              SplitLists& lists) {
  const std::string path = absl::StrCat(folder, "/", name);
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path, unknown)) return false;
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxListBytes));
  AppendSplitList(text, split, lists);
  return true;
}

}  // namespace

void AppendSplitList(absl::string_view text, Split split, SplitLists& lists) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  for (absl::string_view line : absl::StrSplit(text, absl::ByAnyChar("\r\n"))) {
    std::string name(absl::StripAsciiWhitespace(line));
    std::replace(name.begin(), name.end(), '\\', '/');
    absl::string_view relative = name;
    while (absl::ConsumePrefix(&relative, "./")) {
    }
    if (!relative.empty()) lists.splits.emplace(relative, split);
  }
}

absl::StatusOr<SplitLists> ReadSplitLists(const std::string& folder) {
  SplitLists lists;
  NIWAKI_ASSIGN_OR_RETURN(lists.has_testing, ReadList(folder, kTestingList, Split::kTest, lists));
  NIWAKI_ASSIGN_OR_RETURN(lists.has_validation,
                          ReadList(folder, kValidationList, Split::kValidation, lists));
  return lists;
}

}  // namespace niwaki::data
