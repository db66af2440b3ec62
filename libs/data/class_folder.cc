#include "libs/data/class_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

constexpr size_t kMaxClasses = 65536;

bool IsHidden(const std::string& name) { return name[0] == '_' || name[0] == '.'; }

bool HasExtension(const std::string& name, const std::vector<std::string>& extensions) {
  return std::any_of(extensions.begin(), extensions.end(), [&name](const std::string& extension) {
    return absl::EndsWithIgnoreCase(name, extension);
  });
}

absl::Status Missing(const std::string& folder, absl::string_view what) {
  return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
      .Field(folder)
      .Limit(what)
      .Message(absl::StrCat(folder, " holds no ", what));
}

}  // namespace

absl::StatusOr<ClassFolder> ListClassFolder(const std::string& root,
                                            const std::vector<std::string>& extensions) {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(root));
  ClassFolder result;
  for (const std::string& name : names) {
    const std::string folder = absl::StrCat(root, "/", name);
    std::error_code ignored;
    if (IsHidden(name) || !std::filesystem::is_directory(folder, ignored)) continue;
    if (result.class_names.size() == kMaxClasses) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field(root)
          .Limit(kMaxClasses)
          .Message(absl::StrCat(root, " has more than ", kMaxClasses, " sub-folders"));
    }
    const uint16_t label = static_cast<uint16_t>(result.class_names.size());
    result.class_names.push_back(name);
    const size_t before = result.files.size();
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListFolder(folder));
    for (const std::string& file : files) {
      if (IsHidden(file) || !HasExtension(file, extensions)) continue;
      result.files.push_back({absl::StrCat(folder, "/", file), label});
    }
    if (result.files.size() == before) {
      return Missing(folder, absl::StrCat("file ending in ", absl::StrJoin(extensions, ", ")));
    }
  }
  if (result.class_names.empty()) return Missing(root, "sub-folder per class");
  return result;
}

}  // namespace niwaki::data
