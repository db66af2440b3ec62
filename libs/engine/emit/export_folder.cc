#include "libs/engine/emit/export_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::engine {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxBillBytes = 16 << 20;
constexpr char kBuildFolder[] = "build";

std::string WithoutSlash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

absl::Status InTheWay(const std::string& folder, absl::string_view why) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kAlreadyExists)
      .Field("out")
      .Value(folder)
      .Message(absl::StrCat(folder, " ", why));
}

// Files below `folder`, by path inside it.
absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator walk(folder, error);
  const fs::recursive_directory_iterator end;
  for (; !error && walk != end; walk.increment(error)) {
    const std::string path = walk->path().lexically_relative(folder).generic_string();
    if (path == kBuildFolder && walk->is_directory(error)) {
      walk.disable_recursion_pending();
    } else if (!walk->is_directory(error) || walk->is_symlink(error)) {
      files.push_back(path);
    }
  }
  if (error) return ErrnoToStatus(error.value(), folder);
  std::sort(files.begin(), files.end());
  return files;
}

// `made` gets the name of `folder`, in one step where the file system can; what had it goes.
absl::Status Replace(const std::string& made, const std::string& folder) {
  if (rename(made.c_str(), folder.c_str()) == 0) return absl::OkStatus();
  if (errno != ENOTEMPTY && errno != EEXIST) return ErrnoToStatus(errno, folder);
  if (renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0) {
    const std::string old = made + ".old";
    if (rename(folder.c_str(), old.c_str()) != 0) return ErrnoToStatus(errno, folder);
    if (rename(made.c_str(), folder.c_str()) != 0) return ErrnoToStatus(errno, folder);
    if (rename(old.c_str(), made.c_str()) != 0) return ErrnoToStatus(errno, old);
  }
  std::error_code error;
  fs::remove_all(made, error);
  return error ? ErrnoToStatus(error.value(), made) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<BillOfMaterials> ReadBill(const std::string& folder) {
  const std::string path = absl::StrCat(WithoutSlash(folder), "/", kBillName);
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxBillBytes));
  return BillFromText(text, path);
}

absl::StatusOr<FolderDifferences> CompareWithBill(const std::string& folder,
                                                  const BillOfMaterials& bill) {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> present, FilesBelow(folder));
  FolderDifferences differences;
  for (const std::string& path : present) {
    if (path == kBillName) continue;
    const auto billed = bill.files.find(path);
    if (billed == bill.files.end()) {
      differences.added.push_back(path);
      continue;
    }
    NIWAKI_ASSIGN_OR_RETURN(const std::string digest,
                            Sha256HexOfFile(absl::StrCat(folder, "/", path)));
    if (digest != billed->second) differences.changed.push_back(path);
  }
  for (const auto& [path, digest] : bill.files) {
    if (!std::binary_search(present.begin(), present.end(), path)) {
      differences.missing.push_back(path);
    }
  }
  return differences;
}

absl::Status WriteFiles(const std::string& folder, const FileTree& files) {
  NIWAKI_RETURN_IF_ERROR(MakeFolders(folder));
  for (const auto& [path, content] : files) {
    const std::string file = absl::StrCat(folder, "/", path);
    NIWAKI_RETURN_IF_ERROR(MakeFolders(file.substr(0, file.rfind('/'))));
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(file, content));
  }
  return absl::OkStatus();
}

absl::Status CheckExportFolder(const std::string& folder, bool force) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) return CheckWritableFolder(folder);
  if (!fs::is_directory(status)) return InTheWay(folder, "is no folder");
  if (fs::is_empty(folder, error)) return absl::OkStatus();
  const auto bill = ReadBill(folder);
  if (bill.status().code() == absl::StatusCode::kNotFound) {
    return InTheWay(folder, "is there and no export of niwaki: choose a new or an empty folder");
  }
  // What has a bill, however damaged, was an export.
  absl::StatusOr<FolderDifferences> differences = FolderDifferences();
  if (bill.ok()) differences = CompareWithBill(folder, *bill);
  if (force) return absl::OkStatus();
  if (!bill.ok() || !differences.ok() || !differences->none()) {
    return InTheWay(folder,
                    "is an export that has been changed (niwaki export --check says how): --force "
                    "replaces it");
  }
  return absl::OkStatus();
}

absl::Status WriteExport(const std::string& folder, const FileTree& files,
                         const BillOfMaterials& bill, bool force) {
  NIWAKI_RETURN_IF_ERROR(CheckExportFolder(folder, force));
  const std::string target = WithoutSlash(folder);
  const std::string made = absl::StrCat(target, ".", NewUuid(), ".tmp");
  FileTree whole = files;
  whole[kBillName] = BillToText(bill);
  absl::Status status = WriteFiles(made, whole);
  if (status.ok()) status = Replace(made, target);
  if (!status.ok()) {
    std::error_code ignored;
    fs::remove_all(made, ignored);
  }
  return status;
}

}  // namespace niwaki::engine
