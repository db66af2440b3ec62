#include "libs/base/process/temporary_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/error.h"

namespace niwaki {
namespace {

constexpr char kDefaultFolder[] = "/tmp";

std::string TemporaryFolder() {
  const char* folder = getenv("TMPDIR");
  return folder != nullptr && folder[0] != '\0' ? folder : kDefaultFolder;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TemporaryFile>> TemporaryFile::Create() {
  const std::string folder = TemporaryFolder();
  std::string name = absl::StrCat(folder, "/niwaki-XXXXXX");
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return ErrnoToStatus(errno, absl::StrCat("a temporary file in ", folder));
  unlink(name.c_str());
  return std::unique_ptr<TemporaryFile>(
      new TemporaryFile(fd, folder, absl::StrCat("/proc/self/fd/", fd)));
}

TemporaryFile::~TemporaryFile() { close(fd_); }

absl::Status TemporaryFile::Explain(const absl::Status& status) const {
  if (status.ok()) return status;
  const std::string name = absl::StrCat("a temporary file in ", folder_);
  absl::Status explained(status.code(), absl::StrReplaceAll(status.message(), {{path_, name}}));
  if (auto detail = GetErrorDetail(status); detail.has_value()) {
    if (detail->field == path_) detail->field = name;
    SetErrorDetail(explained, *detail);
  }
  return explained;
}

}  // namespace niwaki
