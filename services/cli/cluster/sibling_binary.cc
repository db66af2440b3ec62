#include "services/cli/cluster/sibling_binary.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::cli {
namespace {

struct Entry {
  const char* folder;
  const char* name;
};

Entry EntryOf(Sibling sibling) {
  switch (sibling) {
    case Sibling::kCoordinator:
      return {"coordinator", "niwaki-coordinator"};
    case Sibling::kOracle:
      return {"oracle", "niwaki-oracle"};
    case Sibling::kWorker:
      return {"worker", "niwaki-worker"};
    case Sibling::kBoards:
      return {"boards", "niwaki-boards"};
    default:
      return {"trainer", "niwaki-train"};
  }
}

// The folder of the file that `path` leads to; "." where that cannot be told.
std::string FolderOf(const std::string& path) {
  char resolved[PATH_MAX];
  if (realpath(path.c_str(), resolved) == nullptr) return ".";
  const std::string real = resolved;
  return real.substr(0, real.rfind('/'));
}

}  // namespace

absl::StatusOr<std::string> FindSibling(Sibling sibling, const std::string& program_path,
                                        const Environment& environment) {
  const Entry entry = EntryOf(sibling);
  std::vector<std::string> candidates;
  const auto bin_dir = environment("NIWAKI_BIN_DIR");
  if (bin_dir.has_value() && !bin_dir->empty()) {
    candidates = {absl::StrCat(*bin_dir, "/", entry.name)};
  } else {
    const std::string folder = FolderOf(program_path);
    candidates = {absl::StrCat(folder, "/", entry.name),
                  absl::StrCat(folder, "/../", entry.folder, "/", entry.name)};
  }
  for (const std::string& path : candidates) {
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field(entry.name)
      .Value(absl::StrJoin(candidates, ", "))
      .Limit("an executable file")
      .Message(absl::StrCat(entry.name, " is neither beside niwaki nor in $NIWAKI_BIN_DIR"));
}

}  // namespace niwaki::cli
