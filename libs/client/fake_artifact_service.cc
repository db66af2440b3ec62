#include "libs/client/fake_artifact_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/rpc/status.h"

namespace niwaki::client {
namespace {

constexpr size_t kChunkBytes = 1000;

grpc::Status Unknown(const std::string& digest) {
  return rpc::ToGrpcStatus(Error(absl::StatusCode::kNotFound, reason::kArtifactUnknown)
                               .Field("digest")
                               .Value(digest)
                               .Message(absl::StrCat("no artifact ", digest)));
}

grpc::Status Broken() { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken on purpose"); }

}  // namespace

std::string FakeArtifactService::Put(const std::string& content) {
  const std::string digest = Sha256Hex(content);
  absl::MutexLock lock(&mutex_);
  contents_[digest] = content;
  return digest;
}

void FakeArtifactService::Damage(const std::string& digest) {
  absl::MutexLock lock(&mutex_);
  contents_[digest].back() ^= 1;
}

void FakeArtifactService::BreakTransfers(int times, int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  breaks_ = times;
  break_bytes_ = bytes;
}

bool FakeArtifactService::Has(const std::string& digest) const {
  absl::MutexLock lock(&mutex_);
  return contents_.count(digest) > 0;
}

int64_t FakeArtifactService::moved_bytes() const {
  absl::MutexLock lock(&mutex_);
  return moved_bytes_;
}

int FakeArtifactService::downloads() const {
  absl::MutexLock lock(&mutex_);
  return downloads_;
}

int64_t FakeArtifactService::TakeBreak() {
  absl::MutexLock lock(&mutex_);
  return breaks_ > 0 && breaks_-- > 0 ? break_bytes_ : -1;
}

void FakeArtifactService::CountMoved(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  moved_bytes_ += bytes;
}

grpc::Status FakeArtifactService::UploadArtifact(
    grpc::ServerContext* /*context*/, grpc::ServerReader<v1::UploadArtifactRequest>* reader,
    v1::UploadArtifactResponse* response) {
  const int64_t break_at = TakeBreak();
  v1::UploadArtifactRequest message;
  if (!reader->Read(&message) || !message.has_artifact()) {
    return rpc::ToGrpcStatus(absl::InvalidArgumentError("no artifact"));
  }
  const v1::Artifact artifact = message.artifact();
  std::string content;
  while (reader->Read(&message)) {
    content += message.chunk();
    CountMoved(message.chunk().size());
    if (break_at >= 0 && static_cast<int64_t>(content.size()) >= break_at) return Broken();
  }
  if (Sha256Hex(content) != artifact.digest()) {
    return rpc::ToGrpcStatus(
        Error(absl::StatusCode::kDataLoss, reason::kDigestMismatch).Message("digest mismatch"));
  }
  Put(content);
  *response->mutable_artifact() = artifact;
  return grpc::Status::OK;
}

grpc::Status FakeArtifactService::DownloadArtifact(
    grpc::ServerContext* /*context*/, const v1::DownloadArtifactRequest* request,
    grpc::ServerWriter<v1::DownloadArtifactResponse>* writer) {
  std::string content;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = contents_.find(request->digest());
    if (found == contents_.end()) return Unknown(request->digest());
    content = found->second;
    ++downloads_;
  }
  const int64_t break_at = TakeBreak();
  int64_t sent = 0;
  for (size_t begin = request->offset(); begin < content.size(); begin += kChunkBytes) {
    if (break_at >= 0 && sent >= break_at) return Broken();
    v1::DownloadArtifactResponse response;
    response.set_chunk(content.substr(begin, kChunkBytes));
    sent += response.chunk().size();
    CountMoved(response.chunk().size());
    writer->Write(response);
  }
  return grpc::Status::OK;
}

grpc::Status FakeArtifactService::GetArtifact(grpc::ServerContext* /*context*/,
                                              const v1::GetArtifactRequest* request,
                                              v1::GetArtifactResponse* response) {
  absl::MutexLock lock(&mutex_);
  const auto found = contents_.find(request->digest());
  if (found == contents_.end()) return Unknown(request->digest());
  response->mutable_artifact()->set_digest(request->digest());
  response->mutable_artifact()->set_size_bytes(found->second.size());
  return grpc::Status::OK;
}

}  // namespace niwaki::client
