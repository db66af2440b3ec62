#include "libs/data/folder_walk.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

namespace fs = std::filesystem;

// Whether `path` is `folder` or lies in it; both canonical.
bool Holds(const fs::path& folder, const fs::path& path) {
  const auto [end, at] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

bool HasHiddenPart(const fs::path& path) {
  return std::any_of(path.begin(), path.end(), [](const fs::path& part) {
    const std::string& name = part.native();
    return name.size() > 1 && name[0] == '.' && name != "..";
  });
}

class Walker {
 public:
  Walker(std::string root, fs::path canonical)
      : root_(std::move(root)), canonical_(std::move(canonical)) {}

  // Lists the folder `name`, "" for the root.
  absl::Status Visit(const std::string& name, bool hidden) {
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> entries, ListFolder(PathOf(name)));
    if (entries.empty() && !hidden && !name.empty()) walk_.empty_folders.push_back(name);
    for (const std::string& entry : entries) {
      Take(name.empty() ? entry : absl::StrCat(name, "/", entry), hidden || entry[0] == '.');
    }
    return absl::OkStatus();
  }

  FolderWalk Result() && { return std::move(walk_); }

 private:
  std::string PathOf(const std::string& name) const {
    return name.empty() ? root_ : absl::StrCat(root_, "/", name);
  }

  void Add(const std::string& name, WalkedKind kind, std::string problem = "") {
    walk_.files.push_back({name, kind, std::move(problem)});
  }

  void Take(const std::string& name, bool hidden) {
    const std::string path = PathOf(name);
    std::error_code unknown;
    const bool link = fs::is_symlink(fs::symlink_status(path, unknown));
    // Behind links; not_found for one that leads nowhere or in a circle.
    const fs::file_status status = fs::status(path, unknown);
    if (fs::is_directory(status)) {
      if (link && (hidden || !Follow(path))) {
        return Add(name, hidden ? WalkedKind::kHidden : WalkedKind::kFolderLink);
      }
      const absl::Status visited = Visit(name, hidden);
      if (visited.ok()) return;
      return Add(name, hidden ? WalkedKind::kHidden : WalkedKind::kUnreadable,
                 std::string(visited.message()));
    }
    const bool special = fs::exists(status) && !fs::is_regular_file(status);
    if (hidden) return Add(name, WalkedKind::kHidden);
    Add(name, special ? WalkedKind::kSpecial : WalkedKind::kFile);
  }

  // Whether the folder behind a link is to be read there.
  bool Follow(const std::string& path) {
    std::error_code code;
    const fs::path target = fs::canonical(path, code);
    if (code || Holds(target, canonical_)) return false;
    if (Holds(canonical_, target)) {
      // Where it lies it is passed over as hidden: the link is its only name.
      return HasHiddenPart(target.lexically_relative(canonical_)) &&
             followed_.insert(target).second;
    }
    for (const fs::path& other : followed_) {
      if (Holds(other, target)) return false;
    }
    return followed_.insert(target).second;
  }

  const std::string root_;
  const fs::path canonical_;
  // Canonical targets of the links that were followed.
  std::set<fs::path> followed_;
  FolderWalk walk_;
};

}  // namespace

absl::StatusOr<FolderWalk> WalkFolder(const std::string& root) {
  std::error_code code;
  fs::path canonical = fs::canonical(root, code);
  if (code) canonical = root;
  Walker walker(root, std::move(canonical));
  NIWAKI_RETURN_IF_ERROR(walker.Visit("", /*hidden=*/false));
  return std::move(walker).Result();
}

}  // namespace niwaki::data
