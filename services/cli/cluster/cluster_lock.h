// One cluster for each data folder: a lock that names its holder.

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_CLUSTER_LOCK_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_CLUSTER_LOCK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace niwaki::cli {

// An advisory lock on DIR/cluster.lock, which holds the owner's process id; the kernel drops it
// when the owner dies.
class ClusterLock {
 public:
  // FailedPrecondition naming the holder's process id while another process has it.
  static absl::StatusOr<std::unique_ptr<ClusterLock>> Acquire(const std::string& data_dir);
  ~ClusterLock();
  ClusterLock(const ClusterLock&) = delete;
  ClusterLock& operator=(const ClusterLock&) = delete;

  // Process id of the holder; nullopt when nobody holds the lock.
  static std::optional<int64_t> Holder(const std::string& data_dir);

 private:
  explicit ClusterLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_CLUSTER_LOCK_H_
