#include "libs/board/build/process_objects.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/process/temporary_folder.h"

namespace niwaki::board {
namespace {

struct Objects {
  Objects() {
    auto made = TemporaryFolder::Create();
    if (!made.ok()) return;
    folder = *std::move(made);
    auto opened = ObjectCache::Open(absl::StrCat(folder->path(), "/objects"));
    if (opened.ok()) cache = *std::move(opened);
  }

  std::unique_ptr<TemporaryFolder> folder;
  std::unique_ptr<ObjectCache> cache;
};

}  // namespace

ObjectCache* ProcessObjects() {
  // Destroyed at exit, with its folder.
  static const Objects objects;
  return objects.cache.get();
}

}  // namespace niwaki::board
