#include "services/cli/cluster/board_tools.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace niwaki::cli {
namespace {

struct Tool {
  const char* name;
  const char* package;
};

constexpr Tool kTools[] = {{"arm-none-eabi-gcc", "gcc-arm-none-eabi"},
                           {"qemu-system-arm", "qemu-system-arm"}};

bool IsOnPath(const char* name, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [name](const std::string& folder) {
    return access(absl::StrCat(folder, "/", name).c_str(), X_OK) == 0;
  });
}

}  // namespace

std::string MissingBoardTool(const Environment& environment) {
  const std::vector<std::string> folders =
      absl::StrSplit(environment("PATH").value_or(""), ':', absl::SkipEmpty());
  for (const Tool& tool : kTools) {
    if (IsOnPath(tool.name, folders)) continue;
    return absl::StrCat(tool.name, " (Debian: ", tool.package, ")");
  }
  return "";
}

}  // namespace niwaki::cli
