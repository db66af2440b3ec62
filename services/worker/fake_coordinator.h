// The coordinator's side of the worker protocol in memory, served by real gRPC, with faults.

#ifndef NIWAKI_SERVICES_WORKER_FAKE_COORDINATOR_H_
#define NIWAKI_SERVICES_WORKER_FAKE_COORDINATOR_H_

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"

namespace niwaki::worker {

// Leases never expire by themselves. Thread-safe.
class FakeCoordinator final : public v1::WorkerService::Service {
 public:
  explicit FakeCoordinator(absl::Duration ttl = absl::Seconds(30)) : ttl_(ttl) {}

  // Queues a candidate; its lease id is "lease-N" with N counting from 0.
  void AddCandidate(const std::string& subnet_json, const std::string& supernet_digest = "s",
                    const std::string& data_digest = "d", const std::string& precision = "",
                    v1::Split split = v1::SPLIT_VALIDATION);
  // As AddCandidate, to be proven by a quantiser of that version.
  void AddProof(const std::string& subnet_json, int quantiser_version,
                const std::string& precision = "");
  // Answers everything with UNAVAILABLE until switched off.
  void SetAway(bool away);
  // The next `times` reports take effect, but their answers are lost.
  void LoseReportAnswers(int times);
  // Refuses, with INVALID_ARGUMENT, every report call that holds this lease.
  void RefuseReportsOf(const std::string& lease_id);
  // The next heartbeat tells that the lease is lost.
  void Revoke(const std::string& lease_id);
  void SetDrain();

  // Blocks until `count` leases have a report; false after a generous time.
  bool AwaitReports(size_t count);
  // Blocks until a heartbeat has shown the lease as running.
  bool AwaitRunning(const std::string& lease_id);

  // Last report of each lease.
  std::map<std::string, v1::ScoreReport> reports() const;
  // Reports that came for a lease that had one, under a new request_id.
  int repeated_reports() const;
  int heartbeats() const;
  int lease_calls() const;
  // As the last lease call said.
  std::string last_precision() const;
  bool last_knows_split() const;
  v1::LeaseCandidatesRequest last_lease_call() const;
  // The worker's last call; nullopt before it.
  std::optional<v1::ExtendLeasesRequest> farewell() const;

  grpc::Status LeaseCandidates(grpc::ServerContext* context,
                               const v1::LeaseCandidatesRequest* request,
                               v1::LeaseCandidatesResponse* response) override;
  grpc::Status ExtendLeases(grpc::ServerContext* context, const v1::ExtendLeasesRequest* request,
                            v1::ExtendLeasesResponse* response) override;
  grpc::Status ReportScores(grpc::ServerContext* context, const v1::ReportScoresRequest* request,
                            v1::ReportScoresResponse* response) override;

 private:
  v1::Lease& Add(const std::string& subnet_json, const std::string& supernet_digest,
                 const std::string& data_digest, const std::string& precision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for a candidate, the end of the caller's patience, or the caller's leaving.
  void AwaitCandidate(grpc::ServerContext* context, absl::Duration wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration ttl_;
  mutable absl::Mutex mutex_;
  std::deque<v1::Lease> pending_ ABSL_GUARDED_BY(mutex_);
  int added_ ABSL_GUARDED_BY(mutex_) = 0;
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  bool drain_ ABSL_GUARDED_BY(mutex_) = false;
  int lost_answers_ ABSL_GUARDED_BY(mutex_) = 0;
  int heartbeats_ ABSL_GUARDED_BY(mutex_) = 0;
  int lease_calls_ ABSL_GUARDED_BY(mutex_) = 0;
  int repeated_reports_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string refused_ ABSL_GUARDED_BY(mutex_);
  std::string last_precision_ ABSL_GUARDED_BY(mutex_);
  bool last_knows_split_ ABSL_GUARDED_BY(mutex_) = false;
  v1::LeaseCandidatesRequest last_lease_call_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::ExtendLeasesRequest> farewell_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> revoked_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> running_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> report_request_ids_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, v1::ScoreReport> reports_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_FAKE_COORDINATOR_H_
