// Keeps the boards of this process registered and their leases alive.

#ifndef NIWAKI_SERVICES_BOARDS_HEARTBEAT_H_
#define NIWAKI_SERVICES_BOARDS_HEARTBEAT_H_

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/client/board_lease_client.h"
#include "services/boards/held_measurements.h"

namespace niwaki::boards {

struct HeartbeatOptions {
  // Of the process.
  std::string service;
  std::string instance;
  // Until the oracle says another: how long it waits for a silent process.
  absl::Duration ttl = absl::Seconds(3);
  absl::Duration call_timeout = absl::Seconds(5);
  // Borrowed; outlives the heartbeat.
  Clock* clock = &Clock::Real();
};

// Three times in each ttl, on a thread of its own. Thread-safe.
class Heartbeat {
 public:
  // Borrows both for its life; starts the thread.
  Heartbeat(HeartbeatOptions options, client::BoardLeaseClient* oracle,
            const HeldMeasurements* held);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  // The last beat, which gives up all boards. Idempotent.
  void Stop();

 private:
  void Loop();
  void Beat(bool last);

  const HeartbeatOptions options_;
  client::BoardLeaseClient* const oracle_;
  const HeldMeasurements* const held_;
  absl::Mutex mutex_;
  absl::Duration ttl_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_HEARTBEAT_H_
