// Artifacts in memory, served by real gRPC, with faults: for tests of who moves files.

#ifndef NIWAKI_LIBS_CLIENT_FAKE_ARTIFACT_SERVICE_H_
#define NIWAKI_LIBS_CLIENT_FAKE_ARTIFACT_SERVICE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "proto/niwaki/v1/artifact_service.grpc.pb.h"

namespace niwaki::client {

// Thread-safe.
class FakeArtifactService final : public v1::ArtifactService::Service {
 public:
  // Stores `content` and returns its digest.
  std::string Put(const std::string& content);
  // Makes the artifact come with other content of the same size.
  void Damage(const std::string& digest);
  // The next `times` transfers end with UNAVAILABLE after `bytes`.
  void BreakTransfers(int times, int64_t bytes);

  bool Has(const std::string& digest) const;
  // Bytes of content sent or received so far.
  int64_t moved_bytes() const;
  int downloads() const;

  grpc::Status UploadArtifact(grpc::ServerContext* context,
                              grpc::ServerReader<v1::UploadArtifactRequest>* reader,
                              v1::UploadArtifactResponse* response) override;
  grpc::Status DownloadArtifact(grpc::ServerContext* context,
                                const v1::DownloadArtifactRequest* request,
                                grpc::ServerWriter<v1::DownloadArtifactResponse>* writer) override;
  grpc::Status GetArtifact(grpc::ServerContext* context, const v1::GetArtifactRequest* request,
                           v1::GetArtifactResponse* response) override;

 private:
  // Where this transfer breaks; -1 for nowhere.
  int64_t TakeBreak();
  void CountMoved(int64_t bytes);

  mutable absl::Mutex mutex_;
  std::map<std::string, std::string> contents_ ABSL_GUARDED_BY(mutex_);
  int breaks_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t break_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t moved_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int downloads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_FAKE_ARTIFACT_SERVICE_H_
