// Brings finished scores to the coordinator, however long it is away.

#ifndef NIWAKI_SERVICES_WORKER_REPORT_SENDER_H_
#define NIWAKI_SERVICES_WORKER_REPORT_SENDER_H_

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/client/worker_client.h"
#include "libs/rpc/backoff.h"
#include "services/worker/held_leases.h"

namespace niwaki::worker {

struct ReportSenderOptions {
  std::string worker;
  absl::Duration call_timeout = absl::Seconds(10);
  rpc::BackoffOptions backoff;
  // Borrowed; outlives the sender.
  Clock* clock = &Clock::Real();
  std::function<std::string()> new_request_id = &NewUuid;
};

// Sends what is queued, in order, as many as are there at once, on a thread of its own; keeps a
// report until its verdict has come and removes its lease then. A report that the coordinator calls
// invalid is dropped and logged: its candidate runs out and goes to another worker. Thread-safe.
class ReportSender {
 public:
  // Borrows both for its life; starts the thread.
  ReportSender(ReportSenderOptions options, client::WorkerClient* coordinator, HeldLeases* leases);
  // As Drain with no patience.
  ~ReportSender();
  ReportSender(const ReportSender&) = delete;
  ReportSender& operator=(const ReportSender&) = delete;

  void Add(v1::ScoreReport report);

  // Waits until everything queued has its verdict, at most for `patience`, then ends the thread;
  // returns how many reports are left. Idempotent.
  int Drain(absl::Duration patience);

 private:
  void Loop();
  // Sends `reports` until there is a verdict on each; false when told to stop before.
  bool Send(const std::vector<v1::ScoreReport>& reports);
  // Refused as a whole: finds the report that is to blame by halves.
  bool SendHalves(const std::vector<v1::ScoreReport>& reports, const absl::Status& refusal);
  void Settle(const std::vector<v1::ScoreReport>& reports,
              const v1::ReportScoresResponse& response);
  // False when told to stop meanwhile.
  bool Wait(absl::Duration duration);

  const ReportSenderOptions options_;
  client::WorkerClient* const coordinator_;
  HeldLeases* const leases_;

  mutable absl::Mutex mutex_;
  std::deque<v1::ScoreReport> queue_ ABSL_GUARDED_BY(mutex_);
  // Taken from the queue, without verdict yet.
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_REPORT_SENDER_H_
