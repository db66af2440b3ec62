#include "services/artifacts/artifact_service.h"

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/status.h"

namespace niwaki::artifacts {
namespace {

constexpr int64_t kDownloadChunk = 256 << 10;
constexpr size_t kMaxUploadChunk = 1 << 20;

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " must be ", limit));
}

}  // namespace

absl::Status ArtifactService::Upload(grpc::ServerReader<v1::UploadArtifactRequest>& reader,
                                     v1::UploadArtifactResponse& response) const {
  v1::UploadArtifactRequest message;
  if (!reader.Read(&message) || !message.has_artifact()) {
    return Invalid("artifact", "", "in the first message");
  }
  v1::Artifact artifact = message.artifact();
  const absl::StatusOr<int64_t> stored = store_.SizeOf(artifact.digest());
  if (stored.ok()) {
    artifact.set_size_bytes(*stored);
    *response.mutable_artifact() = artifact;
    return absl::OkStatus();
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<ArtifactWriter> writer,
                          store_.Write(artifact.digest(), artifact.size_bytes()));
  while (reader.Read(&message)) {
    const std::string& chunk = message.chunk();
    if (chunk.empty() || chunk.size() > kMaxUploadChunk) {
      return Invalid("chunk", chunk.size(), "1 byte to 1 MiB");
    }
    NIWAKI_RETURN_IF_ERROR(writer->Append(chunk));
  }
  NIWAKI_RETURN_IF_ERROR(writer->Finish());
  Log(Severity::kInfo, "artifact_stored",
      {{"digest", artifact.digest()}, {"size_bytes", artifact.size_bytes()}});
  *response.mutable_artifact() = artifact;
  return absl::OkStatus();
}

grpc::Status ArtifactService::UploadArtifact(grpc::ServerContext*,
                                             grpc::ServerReader<v1::UploadArtifactRequest>* reader,
                                             v1::UploadArtifactResponse* response) {
  return rpc::ToGrpcStatus(Upload(*reader, *response));
}

grpc::Status ArtifactService::DownloadArtifact(
    grpc::ServerContext*, const v1::DownloadArtifactRequest* request,
    grpc::ServerWriter<v1::DownloadArtifactResponse>* writer) {
  int64_t offset = request->offset();
  while (true) {
    absl::StatusOr<std::string> chunk = store_.Read(request->digest(), offset, kDownloadChunk);
    if (!chunk.ok()) return rpc::ToGrpcStatus(chunk.status());
    if (chunk->empty()) return grpc::Status::OK;
    offset += static_cast<int64_t>(chunk->size());
    v1::DownloadArtifactResponse message;
    message.set_chunk(*std::move(chunk));
    if (!writer->Write(message)) {
      return rpc::ToGrpcStatus(absl::CancelledError("the caller has left"));
    }
  }
}

grpc::Status ArtifactService::GetArtifact(grpc::ServerContext*,
                                          const v1::GetArtifactRequest* request,
                                          v1::GetArtifactResponse* response) {
  const absl::StatusOr<int64_t> size = store_.SizeOf(request->digest());
  if (!size.ok()) return rpc::ToGrpcStatus(size.status());
  response->mutable_artifact()->set_digest(request->digest());
  response->mutable_artifact()->set_size_bytes(*size);
  return grpc::Status::OK;
}

}  // namespace niwaki::artifacts
