// The worker's life: lease, fetch, score or prove, report, again.
//
// Three threads: the caller of Run leases, scores, proves and uploads; the heartbeat extends what
// is held; the report sender brings scores home. While the coordinator is away the worker finishes
// what it holds and keeps trying for ever; scores wait until it is back.

#ifndef NIWAKI_SERVICES_WORKER_WORKER_H_
#define NIWAKI_SERVICES_WORKER_WORKER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/client/worker_client.h"
#include "libs/rpc/backoff.h"
#include "services/worker/heartbeat.h"
#include "services/worker/held_leases.h"
#include "services/worker/report_sender.h"
#include "services/worker/scorer.h"

namespace niwaki::worker {

struct WorkerOptions {
  // Letters, digits, '-', '_', '.', 1 to 63 characters.
  std::string name;
  // Candidates of one lease call, 1 to 1024.
  int max_candidates = 4;
  // What it takes; PROVE only with a scorer that can.
  std::vector<v1::LeaseTask> tasks = {v1::LEASE_TASK_SCORE};
  // How long the coordinator may keep a lease call waiting.
  absl::Duration lease_wait = absl::Seconds(10);
  absl::Duration call_timeout = absl::Seconds(10);
  // While the coordinator is away.
  rpc::BackoffOptions backoff;
  // For finished scores at the end.
  absl::Duration report_patience = absl::Seconds(20);
  // Borrowed; outlives the worker.
  Clock* clock = &Clock::Real();
  std::function<std::string()> new_request_id = &NewUuid;
  // Of this process: tells it from others under its name.
  std::string instance = NewUuid();
};

// The local path of an artifact, fetched where it is missing. Unavailable is tried again;
// NotFound, InvalidArgument and DataLoss fail the candidates that need it; any other error, such as
// a full disk, ends the worker.
using FetchArtifact = std::function<absl::StatusOr<std::string>(const std::string& digest)>;

// Stores a file with the coordinator and returns its digest; storing it again does nothing.
// Unavailable and DeadlineExceeded are tried again; any other error fails the candidate.
using UploadArtifact = std::function<absl::StatusOr<std::string>(const std::string& bytes)>;

// Thread-safe but for Run.
class Worker {
 public:
  // Borrows both for its life. `upload` is called in proofs only.
  Worker(WorkerOptions options, client::WorkerClient* coordinator, FetchArtifact fetch,
         UploadArtifact upload, Scorer* scorer);

  // Works until Stop or until the coordinator drains the worker: then OK. The error of the local
  // machine or the coordinator's refusal of this worker otherwise. Tells the coordinator at the end
  // that it leaves, and why. Call once.
  absl::Status Run();

  // Ends Run after the candidate that is being scored and its report. Returns at once.
  void Stop();

  // Candidates scored or failed so far.
  int64_t finished() const;

 private:
  // Leases; an empty response when told to stop meanwhile.
  absl::StatusOr<v1::LeaseCandidatesResponse> Lease();
  // InvalidArgument where a lease wants a score in another precision than the scorer's: a
  // coordinator that does not tell them apart would record these scores under a wrong key.
  absl::Status CheckPrecision(const v1::LeaseCandidatesResponse& response) const;
  absl::Status Process(const v1::LeaseCandidatesResponse& response);
  // FailedPrecondition for a lease of a task, or of a quantiser, that is not this worker's.
  absl::Status CheckTask(const v1::Lease& lease) const;
  // Fetches and prepares what `lease` needs. OK with `failure` set: the candidates cannot be
  // scored.
  absl::Status Prepare(const v1::Lease& lease, absl::Status& failure);
  absl::StatusOr<std::string> Fetch(const std::string& digest);
  // FailedPrecondition with reason SCORE_NOT_FINITE, or the scorer's error.
  absl::StatusOr<v1::Score> CheckedScore(const std::string& subnet_json);
  // Proves and uploads; Cancelled when told to stop meanwhile.
  absl::StatusOr<v1::Int8Network> ProvenAndUploaded(const std::string& subnet_json);
  absl::StatusOr<std::string> Upload(const std::string& bytes);
  absl::Status FillReport(const v1::Lease& lease, v1::ScoreReport& report);
  void WorkOn(const v1::Lease& lease, const absl::Status& failure);
  // What it holds goes to others now instead of after the ttl. A coordinator that is away does
  // without.
  void SayFarewell(const absl::Status& status);
  // False when told to stop meanwhile.
  bool Wait(absl::Duration duration);
  bool stopping() const;

  const WorkerOptions options_;
  client::WorkerClient* const coordinator_;
  const FetchArtifact fetch_;
  const UploadArtifact upload_;
  Scorer* const scorer_;
  HeldLeases leases_;
  ReportSender sender_;
  Heartbeat heartbeat_;
  // What the scorer was last prepared for; of the thread in Run.
  std::string prepared_;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t finished_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_WORKER_H_
