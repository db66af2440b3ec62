// The leases that a worker holds, from grant to verdict.

#ifndef NIWAKI_SERVICES_WORKER_HELD_LEASES_H_
#define NIWAKI_SERVICES_WORKER_HELD_LEASES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "proto/niwaki/v1/worker_service.pb.h"

namespace niwaki::worker {

//   granted ──Start──► running ──Finish──► finished ──Remove──► (gone)
//      └──────Remove────────┴───────────────────┴──► (gone)
//
// A finished lease is still held: it is extended until its report has its verdict. Thread-safe.
class HeldLeases {
 public:
  void Add(const std::string& lease_id, int64_t epoch);

  // Marks the lease as being scored. False when it was revoked meanwhile: leave it.
  bool Start(const std::string& lease_id);
  // The scoring of the lease is over.
  void Finish(const std::string& lease_id);
  // The report has its verdict, or the coordinator has taken the lease back.
  void Remove(const std::string& lease_id);

  // What a heartbeat tells the coordinator.
  std::vector<v1::LeaseRef> Snapshot() const;
  bool empty() const;

 private:
  struct Held {
    int64_t epoch = 0;
    bool running = false;
  };
  mutable absl::Mutex mutex_;
  std::map<std::string, Held> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_HELD_LEASES_H_
