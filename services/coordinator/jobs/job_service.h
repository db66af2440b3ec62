// JobService: users' calls as commands of the engine and reads of the store.

#ifndef NIWAKI_SERVICES_COORDINATOR_JOBS_JOB_SERVICE_H_
#define NIWAKI_SERVICES_COORDINATOR_JOBS_JOB_SERVICE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/artifacts/artifact_store.h"
#include "libs/base/clock.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/proposer/cost_source.h"
#include "libs/jobs/store/job_store.h"
#include "proto/niwaki/v1/job_service.grpc.pb.h"
#include "services/coordinator/jobs/front_reader.h"
#include "services/coordinator/jobs/job_feed.h"
#include "services/coordinator/jobs/watch_job.h"

namespace niwaki::coordinator {

// Thread-safe. The collaborators outlive every call. Calls block their thread while the engine
// commits or the oracle answers; only WatchJob, which may last for hours, holds none.
class JobService : public v1::JobService::WithCallbackMethod_WatchJob<v1::JobService::Service> {
 public:
  // `entropy` gives random numbers, for the ids of jobs that come without one.
  JobService(jobs::EngineLoop& loop, const jobs::JobReader& reader, jobs::CostSource& costs,
             const artifacts::ArtifactStore& artifacts, JobFeed& feed, Clock& clock,
             std::function<uint64_t()> entropy)
      : loop_(loop),
        reader_(reader),
        costs_(costs),
        artifacts_(artifacts),
        feed_(feed),
        clock_(clock),
        entropy_(std::move(entropy)),
        fronts_(loop, reader) {}

  grpc::Status CreateJob(grpc::ServerContext* context, const v1::CreateJobRequest* request,
                         v1::CreateJobResponse* response) override;
  grpc::Status GetJob(grpc::ServerContext* context, const v1::GetJobRequest* request,
                      v1::GetJobResponse* response) override;
  grpc::Status ListJobs(grpc::ServerContext* context, const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override;
  WatchReactor* WatchJob(grpc::CallbackServerContext* context,
                         const v1::WatchJobRequest* request) override;
  grpc::Status CancelJob(grpc::ServerContext* context, const v1::CancelJobRequest* request,
                         v1::CancelJobResponse* response) override;
  grpc::Status PauseJob(grpc::ServerContext* context, const v1::PauseJobRequest* request,
                        v1::PauseJobResponse* response) override;
  grpc::Status ResumeJob(grpc::ServerContext* context, const v1::ResumeJobRequest* request,
                         v1::ResumeJobResponse* response) override;
  grpc::Status DeleteJob(grpc::ServerContext* context, const v1::DeleteJobRequest* request,
                         v1::DeleteJobResponse* response) override;
  grpc::Status ListCandidates(grpc::ServerContext* context,
                              const v1::ListCandidatesRequest* request,
                              v1::ListCandidatesResponse* response) override;
  grpc::Status GetFront(grpc::ServerContext* context, const v1::GetFrontRequest* request,
                        v1::GetFrontResponse* response) override;
  grpc::Status TestFront(grpc::ServerContext* context, const v1::TestFrontRequest* request,
                         v1::TestFrontResponse* response) override;

 private:
  // A job that was checked and could be created.
  struct Prepared {
    jobs::Job job;
    double feasible_share = 0;
    // On supernet and data together.
    std::vector<std::string> notes;
  };

  absl::Status Create(const v1::CreateJobRequest& request, v1::CreateJobResponse& response);
  absl::StatusOr<Prepared> Prepare(const v1::CreateJobRequest& request);
  absl::Status ResolveSupernet(jobs::Job& job);
  // NotFound SUPERNET_UNKNOWN with the closest name of those that are registered.
  absl::Status SupernetUnknown(const std::string& name) const;
  // Whether the job's data belongs to its supernet, and what makes it so.
  absl::StatusOr<data::DataFit> CheckData(const jobs::Job& job) const;
  // That there are as many images as the evaluation wants, and some to test the front on where that
  // is asked for.
  absl::Status CheckSizes(const jobs::Job& job, bool own_calibration) const;
  // That the front of `job` can be tested on its data.
  absl::Status CheckTestable(const jobs::Job& job) const;
  // Pins the device and adds its limits.
  absl::Status ResolveDevice(jobs::Job& job);
  // The first `own_limits` constraints are the user's, those behind them the device's.
  absl::StatusOr<double> CheckFeasible(const jobs::Job& job, size_t own_limits);
  absl::StatusOr<jobs::Job> Find(absl::string_view name, absl::string_view field) const;
  absl::Status List(const v1::ListJobsRequest& request, v1::ListJobsResponse& response) const;
  absl::Status ListRows(const v1::ListCandidatesRequest& request,
                        v1::ListCandidatesResponse& response) const;
  absl::Status ReadFront(const v1::GetFrontRequest& request, v1::GetFrontResponse& response);

  // PauseJob, ResumeJob, CancelJob and TestFront differ only in the engine's function.
  using Steer = absl::StatusOr<jobs::Job> (jobs::JobEngine::*)(absl::string_view, absl::Time);
  template <typename Request, typename Response>
  grpc::Status SteerJob(const char* method, Steer steer, const Request& request,
                        Response& response);

  jobs::EngineLoop& loop_;
  const jobs::JobReader& reader_;
  jobs::CostSource& costs_;
  const artifacts::ArtifactStore& artifacts_;
  JobFeed& feed_;
  Clock& clock_;
  const std::function<uint64_t()> entropy_;
  FrontReader fronts_;
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_JOBS_JOB_SERVICE_H_
