// Everything that lies under a folder, at any depth, in a fixed order.

#ifndef NIWAKI_LIBS_DATA_FOLDER_WALK_H_
#define NIWAKI_LIBS_DATA_FOLDER_WALK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace niwaki::data {

enum class WalkedKind {
  // A file, or a link to one; also a link that leads nowhere, which only opening tells.
  kFile,
  // Its name, or that of a folder above it, begins with a dot.
  kHidden,
  // A pipe, a socket, a device: never opened.
  kSpecial,
  // A link to a folder whose files are met elsewhere on the walk (inside the root, or linked twice)
  // or that holds the root itself: following it would read files twice, or without end.
  kFolderLink,
  // A folder that cannot be listed.
  kUnreadable,
};

struct WalkedFile {
  // Relative to the root, parts joined by '/'.
  std::string name;
  WalkedKind kind = WalkedKind::kFile;
  // Of kUnreadable: why.
  std::string problem;
};

struct FolderWalk {
  // In the order of names, folder by folder.
  std::vector<WalkedFile> files;
  // Folders, relative to the root, in which there is nothing at all.
  std::vector<std::string> empty_folders;
};

// Walks `root`. Links to folders outside it are followed, once each. The error of listing `root`
// itself: NotFound, PermissionDenied, InvalidArgument for a file.
absl::StatusOr<FolderWalk> WalkFolder(const std::string& root);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_FOLDER_WALK_H_
