// SupernetService: names for trained supernets.

#ifndef NIWAKI_SERVICES_COORDINATOR_SUPERNET_SERVICE_H_
#define NIWAKI_SERVICES_COORDINATOR_SUPERNET_SERVICE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/artifacts/artifact_store.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/store/job_store.h"
#include "proto/niwaki/v1/supernet_service.grpc.pb.h"

namespace niwaki::coordinator {

// Thread-safe. The collaborators outlive every call.
class SupernetService : public v1::SupernetService::Service {
 public:
  SupernetService(jobs::EngineLoop& loop, const jobs::JobReader& reader,
                  const artifacts::ArtifactStore& artifacts)
      : loop_(loop), reader_(reader), artifacts_(artifacts) {}

  grpc::Status RegisterSupernet(grpc::ServerContext* context,
                                const v1::RegisterSupernetRequest* request,
                                v1::RegisterSupernetResponse* response) override;
  grpc::Status GetSupernet(grpc::ServerContext* context, const v1::GetSupernetRequest* request,
                           v1::GetSupernetResponse* response) override;
  grpc::Status ListSupernets(grpc::ServerContext* context, const v1::ListSupernetsRequest* request,
                             v1::ListSupernetsResponse* response) override;

 private:
  // A checked registration.
  absl::StatusOr<jobs::Supernet> Prepare(const v1::Supernet& supernet) const;
  // Adds what the file says of classes and preparation, of the names the first `most`.
  void Describe(v1::Supernet& supernet, size_t most) const;
  absl::Status Register(const v1::RegisterSupernetRequest& request,
                        v1::RegisterSupernetResponse& response);
  absl::Status Get(const v1::GetSupernetRequest& request, v1::GetSupernetResponse& response) const;
  absl::Status List(const v1::ListSupernetsRequest& request,
                    v1::ListSupernetsResponse& response) const;

  jobs::EngineLoop& loop_;
  const jobs::JobReader& reader_;
  const artifacts::ArtifactStore& artifacts_;
};

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_SUPERNET_SERVICE_H_
