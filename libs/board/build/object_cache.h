// ObjectCache: objects that were compiled before, by what they were compiled from.

#ifndef NIWAKI_LIBS_BOARD_BUILD_OBJECT_CACHE_H_
#define NIWAKI_LIBS_BOARD_BUILD_OBJECT_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace niwaki::board {

// A folder of files named by their keys. Thread-safe; processes may share a folder: files come and
// go as a whole, and a file that was taken stays with whoever took it.
class ObjectCache {
 public:
  // Some thousand objects of networks.
  static constexpr int64_t kMaxBytes = int64_t{256} << 20;

  // Makes `folder` where it is missing; what lies there is used. Errors of MakeFolders.
  static absl::StatusOr<std::unique_ptr<ObjectCache>> Open(const std::string& folder,
                                                           int64_t max_bytes = kMaxBytes);

  // Whether there is an object of this key (hexadecimal digits); then it is at `path` now.
  bool Take(const std::string& key, const std::string& path);

  // Keeps a copy of the file at `path`. Beyond max_bytes those that were not used for longest go.
  absl::Status Keep(const std::string& key, const std::string& path);

 private:
  ObjectCache(std::string folder, int64_t max_bytes)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}

  std::string PathOf(const std::string& key) const;
  // Removes what is beyond max_bytes, down to three quarters of it, and counts what is left.
  void Shrink() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string folder_;
  const int64_t max_bytes_;
  absl::Mutex mutex_;
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_BUILD_OBJECT_CACHE_H_
