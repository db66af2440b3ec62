#include "libs/artifacts/artifact_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file_writer.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::artifacts {
namespace {

absl::Status Mismatch(absl::string_view field, const absl::AlphaNum& value,
                      const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kDataLoss, reason::kDigestMismatch)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("artifact has ", field, " ", value, ", announced was ", limit));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactWriter>> ArtifactWriter::Create(Target target) {
  const int fd = open(target.partial_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoToStatus(errno, target.partial_path);
  return std::unique_ptr<ArtifactWriter>(new ArtifactWriter(std::move(target), fd));
}

ArtifactWriter::~ArtifactWriter() {
  if (fd_ >= 0) close(fd_);
  // After Finish the name is gone already.
  unlink(target_.partial_path.c_str());
}

absl::Status ArtifactWriter::Explain(const absl::Status& status) const {
  const std::optional<ErrorDetail> detail = GetErrorDetail(status);
  if (!detail.has_value() || detail->reason != reason::kDiskFull) return status;
  return Error(absl::StatusCode::kResourceExhausted, reason::kDiskFull)
      .Field("digest")
      .Value(target_.digest)
      .Limit(target_.size_bytes)
      .Message(absl::StrCat("no room on the disk for artifact ", target_.digest, " of ",
                            target_.size_bytes, " bytes at ", target_.blob_path,
                            " on the coordinator's machine; free some space there"));
}

absl::Status ArtifactWriter::Append(absl::string_view bytes) {
  const int64_t after = written_ + static_cast<int64_t>(bytes.size());
  if (after > target_.size_bytes) return Mismatch("size_bytes", after, target_.size_bytes);
  sha256_.Update(bytes);
  NIWAKI_RETURN_IF_ERROR(Explain(WriteFully(fd_, bytes, target_.partial_path)));
  written_ = after;
  return absl::OkStatus();
}

absl::Status ArtifactWriter::Finish() {
  if (written_ != target_.size_bytes) return Mismatch("size_bytes", written_, target_.size_bytes);
  const std::string digest = sha256_.FinishHex();
  if (digest != target_.digest) return Mismatch("digest", digest, target_.digest);
  if (fsync(fd_) != 0) return Explain(ErrnoToStatus(errno, target_.partial_path));
  const int fd = std::exchange(fd_, -1);
  if (close(fd) != 0) return Explain(ErrnoToStatus(errno, target_.partial_path));
  return Explain(RenameDurably(target_.partial_path, target_.blob_path));
}

}  // namespace niwaki::artifacts
