// Folders of exported networks on disk: written whole or not at all, checked against their bill.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_EXPORT_FOLDER_H_
#define NIWAKI_LIBS_ENGINE_EMIT_EXPORT_FOLDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/emit_c.h"

namespace niwaki::engine {

// How a folder differs from its bill: paths, sorted. Below build/ programs put what they make of
// the sources; that is not looked at.
struct FolderDifferences {
  std::vector<std::string> changed;
  std::vector<std::string> missing;
  std::vector<std::string> added;

  bool none() const { return changed.empty() && missing.empty() && added.empty(); }
};

// NotFound where there is no folder or no bill in it; the errors of BillFromText and of reading.
absl::StatusOr<BillOfMaterials> ReadBill(const std::string& folder);
absl::StatusOr<FolderDifferences> CompareWithBill(const std::string& folder,
                                                  const BillOfMaterials& bill);

// The files below `folder`, made where it is missing; what else lies there stays. For programs that
// build networks and throw them away; users get WriteExport. The errors of the system.
absl::Status WriteFiles(const std::string& folder, const FileTree& files);

// Whether WriteExport could write there now, without the work of making `files`: its errors.
absl::Status CheckExportFolder(const std::string& folder, bool force);

// Makes `folder`, and those above it, with these files and the bill. A folder that is there must be
// empty or an export; it is replaced as a whole. FailedPrecondition with reason ALREADY_EXISTS for
// one that holds anything else or is a file, and without `force` for an export that somebody has
// changed; InvalidArgument where a folder above it is a file. Nothing is left of a write that
// fails; one that is killed may leave a folder `FOLDER.UUID.tmp`.
absl::Status WriteExport(const std::string& folder, const FileTree& files,
                         const BillOfMaterials& bill, bool force);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_EXPORT_FOLDER_H_
