#include "libs/interchange/ofa/supernet_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::interchange {

absl::StatusOr<SupernetFile> OpenSupernet(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(auto file, tensorfile::SafetensorsFile::Open(path));
  const auto entry = file->metadata().find(train::kManifestKey);
  if (entry == file->metadata().end()) {
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field("file")
        .Value(path)
        .Limit(train::kManifestKey)
        .Message(absl::StrCat(path, ": no supernet: the metadata has no ", train::kManifestKey));
  }
  const auto manifest = train::Manifest::FromJson(entry->second);
  if (!manifest.ok()) return Annotate(manifest.status(), path);
  auto space = arch::SearchSpace::FromTextproto(manifest->space_textproto);
  if (!space.ok()) return Annotate(space.status(), path);
  return SupernetFile{*std::move(space), std::move(file)};
}

}  // namespace niwaki::interchange
