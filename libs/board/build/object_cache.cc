#include "libs/board/build/object_cache.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

namespace fs = std::filesystem;

// No second name of the file: whoever has it may write into it.
bool Copy(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  return !error;
}

struct KeptFile {
  fs::path path;
  fs::file_time_type used;
  int64_t bytes = 0;
};

// Files that vanish meanwhile are left out.
std::vector<KeptFile> FilesIn(const std::string& folder) {
  std::vector<KeptFile> files;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    std::error_code gone;
    KeptFile file;
    file.path = it->path();
    file.used = fs::last_write_time(file.path, gone);
    if (!gone) file.bytes = static_cast<int64_t>(fs::file_size(file.path, gone));
    if (!gone) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectCache>> ObjectCache::Open(const std::string& folder,
                                                               int64_t max_bytes) {
  NIWAKI_RETURN_IF_ERROR(MakeFolders(folder));
  auto cache = absl::WrapUnique(new ObjectCache(folder, max_bytes));
  absl::MutexLock lock(&cache->mutex_);
  cache->Shrink();
  return cache;
}

std::string ObjectCache::PathOf(const std::string& key) const {
  return absl::StrCat(folder_, "/", key, ".o");
}

bool ObjectCache::Take(const std::string& key, const std::string& path) {
  const std::string kept = PathOf(key);
  if (!Copy(kept, path)) return false;
  std::error_code ignored;
  fs::last_write_time(kept, fs::file_time_type::clock::now(), ignored);
  return true;
}

absl::Status ObjectCache::Keep(const std::string& key, const std::string& path) {
  // Whole under its name, or not there; keys of two threads differ, or so do their files.
  const std::string begun = absl::StrCat(PathOf(key), ".", fs::path(path).filename().string());
  std::error_code error;
  const auto bytes = static_cast<int64_t>(fs::file_size(path, error));
  if (!error && !Copy(path, begun)) error = std::make_error_code(std::errc::io_error);
  if (!error) fs::rename(begun, PathOf(key), error);
  std::error_code ignored;
  fs::last_write_time(PathOf(key), fs::file_time_type::clock::now(), ignored);
  if (error) {
    return Error(absl::StatusCode::kInternal, reason::kSystemError)
        .Field("object cache")
        .Value(folder_)
        .Message(absl::StrCat("cannot keep an object in ", folder_, ": ", error.message()));
  }
  absl::MutexLock lock(&mutex_);
  bytes_ += bytes;
  if (bytes_ > max_bytes_) Shrink();
  return absl::OkStatus();
}

void ObjectCache::Shrink() {
  std::vector<KeptFile> files = FilesIn(folder_);
  std::sort(files.begin(), files.end(),
            [](const KeptFile& a, const KeptFile& b) { return a.used < b.used; });
  bytes_ = 0;
  for (const KeptFile& file : files) bytes_ += file.bytes;
  const int64_t target = bytes_ > max_bytes_ ? max_bytes_ / 4 * 3 : max_bytes_;
  for (const KeptFile& file : files) {
    if (bytes_ <= target) return;
    std::error_code gone;
    fs::remove(file.path, gone);
    bytes_ -= file.bytes;
  }
}

}  // namespace niwaki::board
