// Files to and from a coordinator, by digest.

#ifndef NIWAKI_LIBS_CLIENT_ARTIFACT_CLIENT_H_
#define NIWAKI_LIBS_CLIENT_ARTIFACT_CLIENT_H_

#include <grpcpp/channel.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/client/client_options.h"
#include "proto/niwaki/v1/artifact_service.grpc.pb.h"

namespace niwaki::client {

// Told how many of how many bytes are there.
using TransferProgress = std::function<void(int64_t done_bytes, int64_t total_bytes)>;

// Thread-safe. Blocks; repeats while the coordinator is away, up to ClientOptions, counted anew
// whenever bytes have moved.
class ArtifactClient {
 public:
  explicit ArtifactClient(std::shared_ptr<grpc::Channel> channel,
                          const ClientOptions& options = ClientOptions());

  // Stores the file and returns its digest and size; at once where the coordinator has it already.
  // NotFound for a missing file; ResourceExhausted when it is too large or the coordinator's disk
  // is full.
  absl::StatusOr<v1::Artifact> Upload(const std::string& path,
                                      const TransferProgress& progress = nullptr);
  // As Upload, of what is in memory.
  absl::StatusOr<v1::Artifact> UploadBytes(absl::string_view bytes,
                                           const TransferProgress& progress = nullptr);

  // Writes the artifact to `path`, which afterwards holds all of it or does not exist. What has
  // come so far lies in `path + ".partial"`, and a later call goes on from there. NotFound;
  // DataLoss with reason DIGEST_MISMATCH when the content is not what the digest says (the partial
  // file is removed); ResourceExhausted with DISK_FULL. One call at a time for a path.
  absl::Status Download(const std::string& digest, const std::string& path,
                        const TransferProgress& progress = nullptr);

  // Whether it is there, and how large. NotFound.
  absl::StatusOr<v1::Artifact> Get(const std::string& digest);

 private:
  absl::Status UploadOnce(const v1::Artifact& artifact, absl::string_view bytes,
                          const TransferProgress& progress);
  // Appends what comes to the partial file.
  absl::Status DownloadOnce(const v1::Artifact& artifact, const std::string& partial_path,
                            const TransferProgress& progress);

  const ClientOptions options_;
  const std::unique_ptr<v1::ArtifactService::StubInterface> artifacts_;
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_ARTIFACT_CLIENT_H_
