// WorkerService: workers' calls as commands of the engine. No call holds a thread while it waits.

#ifndef NIWAKI_SERVICES_COORDINATOR_WORKER_SERVICE_H_
#define NIWAKI_SERVICES_COORDINATOR_WORKER_SERVICE_H_

#include "absl/time/time.h"
#include "libs/artifacts/artifact_store.h"
#include "libs/jobs/engine/engine_loop.h"
#include "proto/niwaki/v1/worker_service.grpc.pb.h"

namespace niwaki::coordinator {

// Thread-safe. `loop` and `artifacts` outlive every call.
class WorkerService : public v1::WorkerService::CallbackService {
 public:
  // `lease_ttl` is that of the engine; `artifacts` has the networks that workers report.
  WorkerService(jobs::EngineLoop& loop, const artifacts::ArtifactStore& artifacts,
                absl::Duration lease_ttl)
      : loop_(loop), artifacts_(artifacts), lease_ttl_(lease_ttl) {}

  grpc::ServerUnaryReactor* LeaseCandidates(grpc::CallbackServerContext* context,
                                            const v1::LeaseCandidatesRequest* request,
                                            v1::LeaseCandidatesResponse* response) override;
  grpc::ServerUnaryReactor* ExtendLeases(grpc::CallbackServerContext* context,
                                         const v1::ExtendLeasesRequest* request,
                                         v1::ExtendLeasesResponse* response) override;
  grpc::ServerUnaryReactor* ReportScores(grpc::CallbackServerContext* context,
                                         const v1::ReportScoresRequest* request,
                                         v1::ReportScoresResponse* response) override;
  grpc::ServerUnaryReactor* ListWorkers(grpc::CallbackServerContext* context,
                                        const v1::ListWorkersRequest* request,
                                        v1::ListWorkersResponse* response) override;
  grpc::ServerUnaryReactor* DrainWorker(grpc::CallbackServerContext* context,
                                        const v1::DrainWorkerRequest* request,
                                        v1::DrainWorkerResponse* response) override;

 private:
  jobs::EngineLoop& loop_;
  const artifacts::ArtifactStore& artifacts_;
  const absl::Duration lease_ttl_;
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_WORKER_SERVICE_H_
