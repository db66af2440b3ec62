#include "libs/client/artifact_client.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/client/partial_file.h"
#include "libs/client/retrying_call.h"
#include "libs/rpc/call.h"
#include "libs/rpc/retry.h"
#include "libs/rpc/status.h"

namespace niwaki::client {
namespace {

using ArtifactStub = v1::ArtifactService::StubInterface;

constexpr size_t kUploadChunkBytes = size_t{1} << 20;
// A transfer that is slower than this is given up, on top of the call's own timeout.
constexpr double kMinBytesPerSecond = 256 << 10;

absl::Duration TransferTimeout(const ClientOptions& options, int64_t bytes) {
  return options.call_timeout + absl::Seconds(static_cast<double>(bytes) / kMinBytesPerSecond);
}

// Repeats `attempt` while the peer is away. Attempts that moved bytes (`moved` grew) do not count.
absl::Status TransferLoop(const ClientOptions& options, const int64_t& moved,
                          const std::function<absl::Status()>& attempt) {
  rpc::RetryPolicy policy = options.retry;
  policy.idempotent = true;
  while (true) {
    const int64_t before = moved;
    const absl::Status status = rpc::RetryLoop(policy, *options.clock, attempt);
    if (!rpc::IsRetryable(policy, status) || moved <= before) return status;
  }
}

absl::Status DigestMismatch(const std::string& digest, const std::string& found) {
  return Error(absl::StatusCode::kDataLoss, reason::kDigestMismatch)
      .Field("digest")
      .Value(found)
      .Limit(digest)
      .Message(absl::StrCat("artifact ", digest, " came with content of digest ", found));
}

}  // namespace

ArtifactClient::ArtifactClient(std::shared_ptr<grpc::Channel> channel, const ClientOptions& options)
    : options_(options), artifacts_(v1::ArtifactService::NewStub(std::move(channel))) {}

absl::StatusOr<v1::Artifact> ArtifactClient::Get(const std::string& digest) {
  v1::GetArtifactRequest request;
  request.set_digest(digest);
  NIWAKI_ASSIGN_OR_RETURN(v1::GetArtifactResponse response,
                          RetryingCall(options_, *artifacts_, &ArtifactStub::GetArtifact, request));
  return std::move(*response.mutable_artifact());
}

absl::Status ArtifactClient::UploadOnce(const v1::Artifact& artifact, absl::string_view bytes,
                                        const TransferProgress& progress) {
  grpc::ClientContext context;
  rpc::SetTimeout(context, TransferTimeout(options_, bytes.size()));
  v1::UploadArtifactResponse response;
  const auto stream = artifacts_->UploadArtifact(&context, &response);
  v1::UploadArtifactRequest message;
  *message.mutable_artifact() = artifact;
  bool open = stream->Write(message);
  for (size_t begin = 0; open && begin < bytes.size();) {
    const absl::string_view chunk = bytes.substr(begin, kUploadChunkBytes);
    message.set_chunk(chunk.data(), chunk.size());
    open = stream->Write(message);
    begin += chunk.size();
    if (open && progress) progress(begin, bytes.size());
  }
  if (open) stream->WritesDone();
  return rpc::FromGrpcStatus(stream->Finish());
}

absl::StatusOr<v1::Artifact> ArtifactClient::Upload(const std::string& path,
                                                    const TransferProgress& progress) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<MappedFile> file, MappedFile::Open(path));
  return UploadBytes(file->bytes(), progress);
}

absl::StatusOr<v1::Artifact> ArtifactClient::UploadBytes(absl::string_view bytes,
                                                         const TransferProgress& progress) {
  v1::Artifact artifact;
  artifact.set_digest(Sha256Hex(bytes));
  artifact.set_size_bytes(bytes.size());
  const absl::Status known = Get(artifact.digest()).status();
  if (known.code() != absl::StatusCode::kNotFound) {
    NIWAKI_RETURN_IF_ERROR(known);
    if (progress) progress(artifact.size_bytes(), artifact.size_bytes());
    return artifact;
  }
  int64_t moved = 0;
  NIWAKI_RETURN_IF_ERROR(TransferLoop(options_, moved, [&] {
    // An upload starts over: bytes sent are not bytes kept.
    return UploadOnce(artifact, bytes, progress);
  }));
  return artifact;
}

absl::Status ArtifactClient::DownloadOnce(const v1::Artifact& artifact,
                                          const std::string& partial_path,
                                          const TransferProgress& progress) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<PartialFile> partial,
                          PartialFile::Open(partial_path));
  if (partial->size() > artifact.size_bytes()) NIWAKI_RETURN_IF_ERROR(partial->Clear());
  grpc::ClientContext context;
  rpc::SetTimeout(context, TransferTimeout(options_, artifact.size_bytes() - partial->size()));
  v1::DownloadArtifactRequest request;
  request.set_digest(artifact.digest());
  request.set_offset(partial->size());
  const auto stream = artifacts_->DownloadArtifact(&context, request);
  v1::DownloadArtifactResponse response;
  absl::Status written;
  while (written.ok() && stream->Read(&response)) {
    written = partial->Append(response.chunk());
    if (written.ok() && progress) progress(partial->size(), artifact.size_bytes());
  }
  if (!written.ok()) context.TryCancel();
  const absl::Status received = rpc::FromGrpcStatus(stream->Finish());
  return written.ok() ? received : written;
}

absl::Status ArtifactClient::Download(const std::string& digest, const std::string& path,
                                      const TransferProgress& progress) {
  NIWAKI_ASSIGN_OR_RETURN(const v1::Artifact artifact, Get(digest));
  const std::string partial_path = absl::StrCat(path, ".partial");
  int64_t moved = 0;
  const auto note = [&](int64_t done_bytes, int64_t total_bytes) {
    moved = done_bytes;
    if (progress) progress(done_bytes, total_bytes);
  };
  NIWAKI_RETURN_IF_ERROR(
      TransferLoop(options_, moved, [&] { return DownloadOnce(artifact, partial_path, note); }));
  NIWAKI_ASSIGN_OR_RETURN(const std::string found, Sha256HexOfFile(partial_path));
  if (found != digest) {
    unlink(partial_path.c_str());
    return DigestMismatch(digest, found);
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<PartialFile> partial,
                          PartialFile::Open(partial_path));
  return partial->Finish(path);
}

}  // namespace niwaki::client
