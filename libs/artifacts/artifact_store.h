// ArtifactStore: files by content. A file's name is the SHA-256 of its bytes, so it never changes.
//
// Layout below the root: `blobs/ab/abcdef…` (64 hexadecimal characters, the first two also the
// folder) and `partial/` for uploads that have not ended. A blob appears by rename after its bytes
// are on the disk: what is there is whole.

#ifndef NIWAKI_LIBS_ARTIFACTS_ARTIFACT_STORE_H_
#define NIWAKI_LIBS_ARTIFACTS_ARTIFACT_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/artifacts/artifact_writer.h"

namespace niwaki::artifacts {

struct ArtifactStoreOptions {
  // Of one artifact.
  int64_t max_bytes = int64_t{4} << 30;
};

// Thread-safe. One process owns a root.
class ArtifactStore {
 public:
  // Makes the folders and removes what uploads of an earlier process left. The system's error when
  // that fails.
  static absl::StatusOr<std::unique_ptr<ArtifactStore>> Open(
      const std::string& root, const ArtifactStoreOptions& options = ArtifactStoreOptions());

  // Length of a stored artifact. InvalidArgument for what is no digest (field `digest`), NotFound
  // ARTIFACT_UNKNOWN.
  absl::StatusOr<int64_t> SizeOf(absl::string_view digest) const;

  // Where a stored artifact lies, for reading. Errors as SizeOf.
  absl::StatusOr<std::string> PathOf(absl::string_view digest) const;

  // Begins an upload. InvalidArgument for a bad digest or a negative size; ResourceExhausted
  // MESSAGE_TOO_LARGE above the limit; ResourceExhausted DISK_FULL.
  absl::StatusOr<std::unique_ptr<ArtifactWriter>> Write(absl::string_view digest,
                                                        int64_t size_bytes) const;

  // Up to `max_bytes` bytes of a stored artifact from `offset` on; empty at its end.
  // InvalidArgument for an offset outside 0 to the size.
  absl::StatusOr<std::string> Read(absl::string_view digest, int64_t offset,
                                   int64_t max_bytes) const;

 private:
  ArtifactStore(std::string root, const ArtifactStoreOptions& options)
      : root_(std::move(root)), options_(options) {}
  std::string BlobPath(absl::string_view digest) const;

  const std::string root_;
  const ArtifactStoreOptions options_;
};

}  // namespace niwaki::artifacts

#endif  // NIWAKI_LIBS_ARTIFACTS_ARTIFACT_STORE_H_
