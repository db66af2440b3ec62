// ArtifactService: files by content, in and out in pieces.

#ifndef NIWAKI_SERVICES_ARTIFACTS_ARTIFACT_SERVICE_H_
#define NIWAKI_SERVICES_ARTIFACTS_ARTIFACT_SERVICE_H_

#include "libs/artifacts/artifact_store.h"
#include "proto/niwaki/v1/artifact_service.grpc.pb.h"

namespace niwaki::artifacts {

// Thread-safe. A transfer holds one thread. `store` outlives every call.
class ArtifactService : public v1::ArtifactService::Service {
 public:
  explicit ArtifactService(const ArtifactStore& store) : store_(store) {}

  grpc::Status UploadArtifact(grpc::ServerContext* context,
                              grpc::ServerReader<v1::UploadArtifactRequest>* reader,
                              v1::UploadArtifactResponse* response) override;
  grpc::Status DownloadArtifact(grpc::ServerContext* context,
                                const v1::DownloadArtifactRequest* request,
                                grpc::ServerWriter<v1::DownloadArtifactResponse>* writer) override;
  grpc::Status GetArtifact(grpc::ServerContext* context, const v1::GetArtifactRequest* request,
                           v1::GetArtifactResponse* response) override;

 private:
  absl::Status Upload(grpc::ServerReader<v1::UploadArtifactRequest>& reader,
                      v1::UploadArtifactResponse& response) const;

  const ArtifactStore& store_;
};

}  // namespace niwaki::artifacts

#endif  // NIWAKI_SERVICES_ARTIFACTS_ARTIFACT_SERVICE_H_
