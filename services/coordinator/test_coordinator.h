// TestCoordinator: a real coordinator behind a real channel, with computed costs, and short forms
// of its calls.

#ifndef NIWAKI_SERVICES_COORDINATOR_TEST_COORDINATOR_H_
#define NIWAKI_SERVICES_COORDINATOR_TEST_COORDINATOR_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "proto/niwaki/v1/artifact_service.grpc.pb.h"
#include "proto/niwaki/v1/job_service.grpc.pb.h"
#include "proto/niwaki/v1/supernet_service.grpc.pb.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"
#include "services/coordinator/options.h"
#include "services/coordinator/server.h"

namespace niwaki::coordinator {

// Lives in `options.data_dir`; a second one in the same folder after the first is a restart.
class TestCoordinator {
 public:
  // Options of a fresh folder and a free port.
  static Options FreshOptions();

  // Starts; ends the test program when that fails. Members of fronts are measured on boards that
  // give FakeFiguresOf.
  explicit TestCoordinator(const Options& options = FreshOptions());

  // Uploads data and weights of catalogue space `space` and registers them as "supernets/SPACE".
  void RegisterSupernet(const std::string& space = "kws");

  // A job for it on the device that the fake oracle knows.
  static v1::JobSpec Spec(int max_candidates);

  absl::StatusOr<v1::CreateJobResponse> Create(const v1::CreateJobRequest& request);
  // A job that must be creatable.
  v1::Job CreateJob(const v1::JobSpec& spec, const std::string& job_id);

  absl::StatusOr<v1::LeaseCandidatesResponse> Lease(const std::string& worker, int max,
                                                    int wait_ms = 2000,
                                                    const std::string& request_id = "",
                                                    const std::string& precision = "");
  // Reports the fake score of each lease.
  absl::StatusOr<v1::ReportScoresResponse> Report(const std::string& worker,
                                                  const v1::LeaseCandidatesResponse& leases);

  // Leases and reports until the job is final; the job.
  v1::Job Work(const std::string& job_id, const std::string& worker = "w", int batch = 4);

  v1::Job Get(const std::string& job_id);
  // All of them.
  std::vector<v1::Candidate> Candidates(const std::string& job_id);
  v1::GetFrontResponse Front(const std::string& job_id);

  // Uploads `content` in pieces of `chunk` bytes under `digest`.
  absl::StatusOr<v1::Artifact> Upload(const std::string& digest, int64_t size,
                                      const std::string& content, size_t chunk = 1000);

  jobs::FakeCostSource& costs() { return *costs_; }
  Server& server() { return *server_; }
  void Stop() { server_->Shutdown(); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  v1::JobService::Stub& jobs() { return *jobs_; }
  v1::WorkerService::Stub& workers() { return *workers_; }
  v1::ArtifactService::Stub& artifacts() { return *artifacts_; }
  v1::SupernetService::Stub& supernets() { return *supernets_; }

 private:
  // Owned by server_.
  jobs::FakeCostSource* costs_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::JobService::Stub> jobs_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
  std::unique_ptr<v1::ArtifactService::Stub> artifacts_;
  std::unique_ptr<v1::SupernetService::Stub> supernets_;
};

// A supernet file that holds nothing but the manifest of catalogue space `space`.
std::string FakeSupernetFile(const std::string& space);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_TEST_COORDINATOR_H_
