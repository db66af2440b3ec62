// ArtifactWriter: one upload on its way into an ArtifactStore.

#ifndef NIWAKI_LIBS_ARTIFACTS_ARTIFACT_WRITER_H_
#define NIWAKI_LIBS_ARTIFACTS_ARTIFACT_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/digest.h"

namespace niwaki::artifacts {

// Not thread-safe. Nothing is kept unless Finish returned OK.
class ArtifactWriter {
 public:
  // What is to come, and where it goes. Both folders exist.
  struct Target {
    std::string digest;
    int64_t size_bytes = 0;
    std::string partial_path;
    std::string blob_path;
  };
  // The system's error when the partial file cannot be made.
  static absl::StatusOr<std::unique_ptr<ArtifactWriter>> Create(Target target);
  // Removes the partial file.
  ~ArtifactWriter();
  ArtifactWriter(const ArtifactWriter&) = delete;
  ArtifactWriter& operator=(const ArtifactWriter&) = delete;

  // Takes the next bytes. DataLoss DIGEST_MISMATCH when they are more than announced;
  // ResourceExhausted DISK_FULL.
  absl::Status Append(absl::string_view bytes);

  // Makes the artifact durable and visible. DataLoss DIGEST_MISMATCH when bytes are missing or the
  // content has another digest; ResourceExhausted DISK_FULL.
  absl::Status Finish();

 private:
  ArtifactWriter(Target target, int fd) : target_(std::move(target)), fd_(fd) {}
  // A full disk's error in terms of the artifact; others as they are.
  absl::Status Explain(const absl::Status& status) const;

  const Target target_;
  int fd_;
  int64_t written_ = 0;
  Sha256 sha256_;
};

}  // namespace niwaki::artifacts

#endif  // NIWAKI_LIBS_ARTIFACTS_ARTIFACT_WRITER_H_
