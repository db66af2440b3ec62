// A coordinator and an oracle with canned answers, behind a real gRPC server, for the tests of
// commands.

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_FAKE_CLUSTER_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_FAKE_CLUSTER_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "libs/rpc/server.h"
#include "proto/niwaki/v1/job_service.grpc.pb.h"
#include "proto/niwaki/v1/oracle_service.grpc.pb.h"
#include "proto/niwaki/v1/supernet_service.grpc.pb.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"

namespace niwaki::cli {

// Holds one job, "jobs/demo", and its candidates; a new one is limited to the device's flash. A
// watch sends the job with 0, 1, … of its candidates scored and then its final state. Thread-safe.
class FakeJobService : public v1::JobService::Service {
 public:
  FakeJobService();

  // Every later call fails with `status`.
  void FailWith(absl::Status status);
  // Watches send the running job again and again, without end.
  void NeverEnd();
  // State of the job after a watch.
  void EndIn(v1::JobState state, const std::string& reason);

  // The coordinator cannot get on: lists say so, and health is NOT_SERVING.
  void SetTrouble(const std::string& trouble);
  std::string trouble();

  v1::CreateJobRequest last_create();
  // Names of the calls that changed the job, with their argument: "cancel jobs/demo".
  std::vector<std::string> changes();
  // The job asks for a test of its front, which has begun.
  void BeginTest();

  grpc::Status CreateJob(grpc::ServerContext*, const v1::CreateJobRequest*,
                         v1::CreateJobResponse*) override;
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest*, v1::GetJobResponse*) override;
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*,
                        v1::ListJobsResponse*) override;
  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::WatchJobResponse>*) override;
  grpc::Status CancelJob(grpc::ServerContext*, const v1::CancelJobRequest*,
                         v1::CancelJobResponse*) override;
  grpc::Status PauseJob(grpc::ServerContext*, const v1::PauseJobRequest*,
                        v1::PauseJobResponse*) override;
  grpc::Status ResumeJob(grpc::ServerContext*, const v1::ResumeJobRequest*,
                         v1::ResumeJobResponse*) override;
  grpc::Status DeleteJob(grpc::ServerContext*, const v1::DeleteJobRequest*,
                         v1::DeleteJobResponse*) override;
  grpc::Status ListCandidates(grpc::ServerContext*, const v1::ListCandidatesRequest*,
                              v1::ListCandidatesResponse*) override;
  grpc::Status GetFront(grpc::ServerContext*, const v1::GetFrontRequest*,
                        v1::GetFrontResponse*) override;
  // From then on "jobs/demo.test" is there, too, and the front has test scores.
  grpc::Status TestFront(grpc::ServerContext*, const v1::TestFrontRequest*,
                         v1::TestFrontResponse*) override;

 private:
  // The configured failure, or NOT_FOUND for another name than the job's.
  grpc::Status Check(const std::string& name);
  v1::Job Change(const std::string& verb, v1::JobState state);

  absl::Mutex mutex_;
  v1::Job job_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Candidate> candidates_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  bool endless_ ABSL_GUARDED_BY(mutex_) = false;
  bool tested_ ABSL_GUARDED_BY(mutex_) = false;
  std::string trouble_ ABSL_GUARDED_BY(mutex_);
  v1::CreateJobRequest last_create_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> changes_ ABSL_GUARDED_BY(mutex_);
};

// Holds "supernets/kws" of the space kws.
class FakeSupernetService : public v1::SupernetService::Service {
 public:
  grpc::Status GetSupernet(grpc::ServerContext*, const v1::GetSupernetRequest*,
                           v1::GetSupernetResponse*) override;
  grpc::Status ListSupernets(grpc::ServerContext*, const v1::ListSupernetsRequest*,
                             v1::ListSupernetsResponse*) override;
};

// Knows "workers/w0", which holds three candidates, and "workers/w1", which holds none.
// Thread-safe.
class FakeWorkerService : public v1::WorkerService::Service {
 public:
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse*) override;
  grpc::Status DrainWorker(grpc::ServerContext*, const v1::DrainWorkerRequest*,
                           v1::DrainWorkerResponse*) override;

 private:
  v1::Worker WorkerNamed(const std::string& name, int held) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  std::set<std::string> drained_ ABSL_GUARDED_BY(mutex_);
};

// Knows one device, "devices/stm32f746"; every network costs the same, and on "devices/phone" has
// no latency. Thread-safe.
class FakeOracleService : public v1::OracleService::Service {
 public:
  grpc::Status EstimateCosts(grpc::ServerContext*, const v1::EstimateCostsRequest*,
                             v1::EstimateCostsResponse*) override;
  grpc::Status ListDevices(grpc::ServerContext*, const v1::ListDevicesRequest*,
                           v1::ListDevicesResponse*) override;
  grpc::Status PutDevice(grpc::ServerContext*, const v1::PutDeviceRequest*,
                         v1::PutDeviceResponse*) override;
  grpc::Status PutLookupEntries(grpc::ServerContext*, const v1::PutLookupEntriesRequest*,
                                v1::PutLookupEntriesResponse*) override;
  grpc::Status ListLookupEntries(grpc::ServerContext*, const v1::ListLookupEntriesRequest*,
                                 v1::ListLookupEntriesResponse*) override;

 private:
  absl::Mutex mutex_;
  std::vector<v1::Device> devices_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::LookupEntry> entries_ ABSL_GUARDED_BY(mutex_);
};

// All of them on one port of this machine.
class FakeCluster {
 public:
  FakeCluster();

  const std::string& address() const { return server_->address(); }
  FakeJobService& jobs() { return jobs_; }

 private:
  FakeJobService jobs_;
  FakeSupernetService supernets_;
  FakeWorkerService workers_;
  FakeOracleService oracle_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_FAKE_CLUSTER_H_
