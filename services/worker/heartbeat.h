// Keeps the held leases alive while their candidates are scored.

#ifndef NIWAKI_SERVICES_WORKER_HEARTBEAT_H_
#define NIWAKI_SERVICES_WORKER_HEARTBEAT_H_

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/client/worker_client.h"
#include "services/worker/held_leases.h"

namespace niwaki::worker {

struct HeartbeatOptions {
  std::string worker;
  std::string instance;
  absl::Duration call_timeout = absl::Seconds(10);
  // Borrowed; outlives the heartbeat.
  Clock* clock = &Clock::Real();
  // Called from the heartbeat's thread when the coordinator asks the worker to end.
  std::function<void()> on_drain;
};

// Extends every held lease each third of the leases' time to live, sooner after a failed call, on a
// thread of its own; removes revoked ones. Silent while nothing is held. Thread-safe.
class Heartbeat {
 public:
  // Borrows both for its life; starts the thread.
  Heartbeat(HeartbeatOptions options, client::WorkerClient* coordinator, HeldLeases* leases);
  // As Stop.
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  // The time to live of leases granted just now.
  void SetTtl(absl::Duration ttl);

  // Something changed that the coordinator should know: beats at once, or as soon as the shortest
  // interval allows. Does not block.
  void BeatSoon();

  // Ends the thread after the call in flight. Idempotent.
  void Stop();

 private:
  void Loop();
  // Sleeps until the next beat; false when told to stop.
  bool AwaitBeat(bool last_ok);
  // False for a failed call.
  bool Beat();

  const HeartbeatOptions options_;
  client::WorkerClient* const coordinator_;
  HeldLeases* const leases_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool soon_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration ttl_ ABSL_GUARDED_BY(mutex_) = absl::Seconds(30);
  // The thread's only: when it began to beat last.
  absl::Time last_;
  std::thread thread_;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_HEARTBEAT_H_
