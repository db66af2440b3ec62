#include "libs/artifacts/artifact_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::artifacts {
namespace {

absl::Status CheckDigest(absl::string_view digest) {
  if (IsSha256Hex(digest)) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("digest")
      .Value(digest.substr(0, 100))
      .Limit("64 lower-case hexadecimal characters")
      .Message(absl::StrCat("digest '", digest.substr(0, 100),
                            "' is not 64 lower-case hexadecimal characters"));
}

absl::Status RemoveLeftovers(const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(folder));
  for (const std::string& name : names) {
    const std::string path = absl::StrCat(folder, "/", name);
    if (unlink(path.c_str()) != 0) return niwaki::ErrnoToStatus(errno, path);
    Log(Severity::kWarning, "upload_leftover_removed", {{"file", name}});
  }
  return absl::OkStatus();
}

// The whole of [offset, offset + size) of an open file.
absl::StatusOr<std::string> ReadRange(int fd, int64_t offset, int64_t size) {
  std::string bytes(size, '\0');
  int64_t got = 0;
  while (got < size) {
    const ssize_t count = pread(fd, &bytes[got], size - got, offset + got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoToStatus(errno, "read");
    if (count == 0) return ErrnoToStatus(EIO, "read");
    got += count;
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactStore>> ArtifactStore::Open(
    const std::string& root, const ArtifactStoreOptions& options) {
  NIWAKI_RETURN_IF_ERROR(MakeFolders(absl::StrCat(root, "/blobs")));
  NIWAKI_RETURN_IF_ERROR(MakeFolders(absl::StrCat(root, "/partial")));
  NIWAKI_RETURN_IF_ERROR(RemoveLeftovers(absl::StrCat(root, "/partial")));
  return std::unique_ptr<ArtifactStore>(new ArtifactStore(root, options));
}

std::string ArtifactStore::BlobPath(absl::string_view digest) const {
  return absl::StrCat(root_, "/blobs/", digest.substr(0, 2), "/", digest);
}

absl::StatusOr<int64_t> ArtifactStore::SizeOf(absl::string_view digest) const {
  NIWAKI_RETURN_IF_ERROR(CheckDigest(digest));
  struct stat info;
  if (stat(BlobPath(digest).c_str(), &info) == 0) return info.st_size;
  if (errno != ENOENT) return niwaki::ErrnoToStatus(errno, digest);
  return Error(absl::StatusCode::kNotFound, reason::kArtifactUnknown)
      .Field("digest")
      .Value(digest)
      .Message(absl::StrCat("artifact ", digest, " is not stored"));
}

absl::StatusOr<std::string> ArtifactStore::PathOf(absl::string_view digest) const {
  NIWAKI_RETURN_IF_ERROR(SizeOf(digest).status());
  return BlobPath(digest);
}

absl::StatusOr<std::unique_ptr<ArtifactWriter>> ArtifactStore::Write(absl::string_view digest,
                                                                     int64_t size_bytes) const {
  NIWAKI_RETURN_IF_ERROR(CheckDigest(digest));
  NIWAKI_RETURN_IF_ERROR(CheckAtLeast("size_bytes", size_bytes, 0));
  if (size_bytes > options_.max_bytes) {
    return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
        .Field("size_bytes")
        .Value(size_bytes)
        .Limit(options_.max_bytes)
        .Message(absl::StrCat("size_bytes is ", size_bytes, "; the limit is ", options_.max_bytes));
  }
  ArtifactWriter::Target target;
  target.digest = std::string(digest);
  target.size_bytes = size_bytes;
  target.partial_path = absl::StrCat(root_, "/partial/", NewUuid());
  target.blob_path = BlobPath(digest);
  NIWAKI_RETURN_IF_ERROR(MakeFolders(absl::StrCat(root_, "/blobs/", digest.substr(0, 2))));
  return ArtifactWriter::Create(std::move(target));
}

absl::StatusOr<std::string> ArtifactStore::Read(absl::string_view digest, int64_t offset,
                                                int64_t max_bytes) const {
  NIWAKI_ASSIGN_OR_RETURN(const int64_t size, SizeOf(digest));
  NIWAKI_RETURN_IF_ERROR(CheckRange("offset", offset, 0, size));
  const std::string path = BlobPath(digest);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return niwaki::ErrnoToStatus(errno, path);
  absl::StatusOr<std::string> bytes = ReadRange(fd, offset, std::min(max_bytes, size - offset));
  close(fd);
  return bytes;
}

}  // namespace niwaki::artifacts
