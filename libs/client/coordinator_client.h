// Jobs, candidates, fronts, supernets and workers of one coordinator. Artifacts: artifact_client.h;
// the worker's side: worker_client.h.
//
//   client::CoordinatorClient coordinator("127.0.0.1:50051");
//   v1::CreateJobRequest request;
//   *request.mutable_spec() = spec;
//   NIWAKI_ASSIGN_OR_RETURN(v1::CreateJobResponse created, coordinator.CreateJob(request));
//   NIWAKI_ASSIGN_OR_RETURN(v1::Job done, coordinator.WatchJob(created.job().name(), print));

#ifndef NIWAKI_LIBS_CLIENT_COORDINATOR_CLIENT_H_
#define NIWAKI_LIBS_CLIENT_COORDINATOR_CLIENT_H_

#include <grpcpp/channel.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/client/client_options.h"
#include "proto/niwaki/v1/job_service.grpc.pb.h"
#include "proto/niwaki/v1/supernet_service.grpc.pb.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"

namespace niwaki::client {

// Whether a job in this state never changes again.
bool IsFinal(v1::JobState state);

// A whole front.
struct Front {
  // Best first objective first.
  std::vector<v1::Candidate> candidates;
  std::vector<v1::Metric> objectives;
  std::string etag;
  // "jobs/{job}.test", the job that scores it on the test split; "" when there is none.
  std::string test_job;
};

// Thread-safe. Every call blocks, has a deadline and is repeated while the coordinator is away, up
// to ClientOptions; the errors are the coordinator's (proto/niwaki/v1), or Unavailable.
class CoordinatorClient {
 public:
  explicit CoordinatorClient(const std::string& address,
                             const ClientOptions& options = ClientOptions());

  // Until the coordinator says that it is serving. Unavailable after `timeout`.
  absl::Status WaitUntilServing(absl::Duration timeout);

  // Fills in `request_id`.
  absl::StatusOr<v1::CreateJobResponse> CreateJob(const v1::CreateJobRequest& request);
  // Names are "jobs/{job}".
  absl::StatusOr<v1::Job> GetJob(const std::string& name);
  // Newest first; all pages, or the first `limit` jobs where that is above 0. `trouble`, where it
  // is not null, gets what keeps the coordinator from going on with any of them, or "".
  absl::StatusOr<std::vector<v1::Job>> ListJobs(int64_t limit = 0, std::string* trouble = nullptr);
  absl::StatusOr<v1::Job> CancelJob(const std::string& name);
  absl::StatusOr<v1::Job> PauseJob(const std::string& name);
  absl::StatusOr<v1::Job> ResumeJob(const std::string& name);
  // Has the front of an ended job scored on the test split; the job that does it.
  absl::StatusOr<v1::Job> TestFront(const std::string& name);
  // Only while the job has this etag, where one is given.
  absl::Status DeleteJob(const std::string& name, const std::string& etag = "");

  // Calls `on_change` with the job now and after every change, on the calling thread, until the job
  // is final or `on_change` returns false; returns the last job seen. Connects again when the
  // stream breaks, and tells `on_away`, which may be null, each time; Unavailable when that fails
  // for as long as the retry policy's deadline.
  absl::StatusOr<v1::Job> WatchJob(
      const std::string& name, const std::function<bool(const v1::Job&)>& on_change,
      const std::function<void(const absl::Status&)>& on_away = nullptr);

  // Calls `visit` for every candidate in `state` (UNSPECIFIED for all) by slot until it returns
  // false.
  absl::Status ForEachCandidate(const std::string& job, v1::CandidateState state,
                                const std::function<bool(const v1::Candidate&)>& visit);
  // "jobs/{job}/candidates/{slot}". NotFound where the job has no such slot.
  absl::StatusOr<v1::Candidate> GetCandidate(const std::string& job, int64_t slot);
  // All pages of one front; starts over when it changes meanwhile.
  absl::StatusOr<Front> GetFront(const std::string& job);

  absl::StatusOr<v1::Supernet> RegisterSupernet(const v1::Supernet& supernet);
  // "supernets/{supernet}".
  absl::StatusOr<v1::Supernet> GetSupernet(const std::string& name);
  // By name; all pages.
  absl::StatusOr<std::vector<v1::Supernet>> ListSupernets();

  // Workers that have called, by name; all pages.
  absl::StatusOr<std::vector<v1::Worker>> ListWorkers();
  // "workers/{worker}". Asks it to leave, or takes that back (`undo`); the worker afterwards.
  // NotFound WORKER_UNKNOWN.
  absl::StatusOr<v1::Worker> DrainWorker(const std::string& name, bool undo);

  // For the other clients of the same coordinator.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  // One stream of WatchJob, to its end.
  absl::Status WatchOnce(const std::string& name,
                         const std::function<bool(const v1::Job&)>& on_change, v1::Job& last,
                         bool& wanted);
  absl::StatusOr<Front> GetFrontOnce(const std::string& job);

  const ClientOptions options_;
  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::JobService::StubInterface> jobs_;
  const std::unique_ptr<v1::SupernetService::StubInterface> supernets_;
  const std::unique_ptr<v1::WorkerService::StubInterface> workers_;
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_COORDINATOR_CLIENT_H_
