// Search spaces of requests, read once.

#ifndef NIWAKI_SERVICES_ORACLE_SPACE_CACHE_H_
#define NIWAKI_SERVICES_ORACLE_SPACE_CACHE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "libs/arch/space.h"
#include "libs/base/digest.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::oracle {

// Keeps the spaces that were asked for last, found by name or by the fingerprint of their
// definition. Thread-safe.
class SpaceCache {
 public:
  // `capacity`: spaces to keep, from 1.
  explicit SpaceCache(int capacity = 64) : capacity_(capacity) {}

  // The request's space. InvalidArgument for none or a wrong definition (fields begin with
  // `space_definition.`), NotFound with reason SPACE_UNKNOWN. Shared, because it may leave the
  // cache while it is in use.
  absl::StatusOr<std::shared_ptr<const arch::SearchSpace>> Get(
      const v1::EstimateCostsRequest& request);

  int size() const;

 private:
  struct Entry {
    std::shared_ptr<const arch::SearchSpace> space;
    int64_t last_used = 0;
  };

  std::shared_ptr<const arch::SearchSpace> Find(const Fingerprint& key);
  void Insert(const Fingerprint& key, std::shared_ptr<const arch::SearchSpace> space);

  const int capacity_;
  mutable absl::Mutex mutex_;
  int64_t uses_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<Fingerprint, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_SPACE_CACHE_H_
