#include "libs/base/file_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kNewFileMode = 0644;
constexpr mode_t kPermissionBits = 07777;
// As many as the system follows.
constexpr int kMaxLinks = 40;

std::string FolderOf(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

struct Target {
  std::string path;
  // Bytes go to what is there instead of a file that replaces it.
  bool is_stream = false;
};

// Links of /proc name open files, whose place in the file system means nothing.
bool IsOpenFile(const std::string& link) {
  std::error_code code;
  const fs::path folder = fs::canonical(FolderOf(link), code);
  return !code && absl::StartsWith(folder.string() + "/", "/proc/");
}

absl::Status FolderError(const std::string& path) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kSystemError)
      .Field("file")
      .Value(path)
      .Message(absl::StrCat(path, ": Is a directory: name a file in it"));
}

// Other programs mean a stream by it; a file of that name would surprise.
absl::Status DashError() {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("file")
      .Value("-")
      .Message("\"-\" is no file: /dev/stdout is standard output, ./- a file of that name");
}

// What `path` leads to; it need not exist.
absl::StatusOr<Target> Resolve(const std::string& path) {
  if (path.empty()) return ErrnoToStatus(ENOENT, "a file without a name");
  if (path == "-") return DashError();
  Target target{path};
  for (int links = 0; links <= kMaxLinks; ++links) {
    struct stat info;
    if (lstat(target.path.c_str(), &info) != 0) {
      if (errno == ENOENT) return target;
      return ErrnoToStatus(errno, path);
    }
    if (S_ISDIR(info.st_mode)) return FolderError(path);
    target.is_stream = !S_ISREG(info.st_mode);
    if (!S_ISLNK(info.st_mode)) return target;
    if (IsOpenFile(target.path)) return target;
    std::error_code code;
    const fs::path link = fs::read_symlink(target.path, code);
    if (code) return ErrnoToStatus(code.value(), path);
    // An absolute link replaces the folder.
    target.path = (fs::path(FolderOf(target.path)) / link).string();
    target.is_stream = false;
  }
  return ErrnoToStatus(ELOOP, path);
}

// In the target's folder, with as much of its name as fits.
std::string TemporaryName(const std::string& target) {
  const std::string suffix = absl::StrCat(".", NewUuid(), ".tmp");
  const size_t name_start = target.rfind('/') == std::string::npos ? 0 : target.rfind('/') + 1;
  return absl::StrCat(target.substr(0, name_start),
                      target.substr(name_start, NAME_MAX - suffix.size()), suffix);
}

std::string OpenFilePath(int fd) { return absl::StrCat("/proc/self/fd/", fd); }

// Whether a character device takes anything at all; `path` is what people call it.
absl::Status ProbeDevice(const std::string& device, const std::string& path) {
  const int fd = open(device.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return ErrnoToStatus(errno, path);
  const int failed = write(fd, "", 0) < 0 ? errno : 0;
  close(fd);
  return failed == 0 ? absl::OkStatus() : ErrnoToStatus(failed, path);
}

absl::Status CreateError(int saved_errno, const std::string& path, const std::string& target) {
  if (saved_errno != ENOENT) return ErrnoToStatus(saved_errno, path);
  const std::string folder = FolderOf(target);
  return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
      .Field("file")
      .Value(path)
      .Message(absl::StrCat(path, ": No such file or directory: there is no folder ", folder,
                            "; mkdir -p ", folder, " makes it"));
}

// For as long as it lives, a pipe without a reader is an error of write(), not the process's end.
class PipeSignalBlock {
 public:
  PipeSignalBlock() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalBlock() {
    const timespec at_once = {};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalBlock(const PipeSignalBlock&) = delete;
  PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_;
};

}  // namespace

absl::Status WriteFully(int fd, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoToStatus(errno, path);
    }
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::Status RenameDurably(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return ErrnoToStatus(errno, to);
  const std::string folder = FolderOf(to);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoToStatus(errno, to);
  const int result = fsync(fd);
  const int saved_errno = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : ErrnoToStatus(saved_errno, to);
}

absl::Status CheckWritable(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const Target target, Resolve(path));
  if (!target.is_stream) return FileWriter::Create(path).status();
  struct stat info;
  if (stat(target.path.c_str(), &info) != 0) return ErrnoToStatus(errno, path);
  if (S_ISCHR(info.st_mode)) return ProbeDevice(target.path, path);
  if (S_ISSOCK(info.st_mode)) return ErrnoToStatus(ENXIO, path);
  return access(target.path.c_str(), W_OK) == 0 ? absl::OkStatus() : ErrnoToStatus(errno, path);
}

absl::Status CheckWritableFolder(const std::string& folder) {
  if (folder.empty()) return ErrnoToStatus(ENOENT, "a folder without a name");
  if (folder == "-") return DashError();
  // The nearest that is there.
  fs::path there = folder;
  struct stat info;
  while (stat(there.c_str(), &info) != 0) {
    if (errno != ENOENT) return ErrnoToStatus(errno, folder);
    const fs::path parent = there.parent_path();
    there = parent.empty() || parent == there ? fs::path(".") : parent;
  }
  if (!S_ISDIR(info.st_mode)) return ErrnoToStatus(ENOTDIR, there.string());
  const absl::Status status =
      FileWriter::Create(absl::StrCat(there.string(), "/", NewUuid())).status();
  return status.ok() ? status : Annotate(status, folder);
}

bool IsStream(const std::string& path) {
  const absl::StatusOr<Target> target = Resolve(path);
  return target.ok() && target->is_stream;
}

absl::StatusOr<std::unique_ptr<FileWriter>> FileWriter::Create(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const Target target, Resolve(path));
  std::unique_ptr<FileWriter> writer(new FileWriter(path, target.path));
  const int failed = target.is_stream ? writer->OpenStream() : writer->OpenBeside();
  if (failed != 0) return CreateError(failed, path, target.path);
  if (!target.is_stream) NIWAKI_RETURN_IF_ERROR(writer->KeepPermissions());
  return writer;
}

int FileWriter::OpenStream() {
  // Appending: an open file may be a regular one that others write to as well.
  fd_ = open(target_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  return fd_ < 0 ? errno : 0;
}

int FileWriter::OpenBeside() {
  temporary_ = TemporaryName(target_);
  kind_ = Kind::kUnnamed;
  fd_ = open(FolderOf(target_).c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, kNewFileMode);
  // To get a name later it must be found under /proc.
  if (fd_ >= 0 && access(OpenFilePath(fd_).c_str(), F_OK) == 0) return 0;
  if (fd_ >= 0) close(fd_);
  kind_ = Kind::kNamed;
  fd_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode);
  return fd_ < 0 ? errno : 0;
}

absl::Status FileWriter::KeepPermissions() {
  struct stat replaced;
  if (stat(target_.c_str(), &replaced) != 0) return absl::OkStatus();
  if (faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) {
    return ErrnoToStatus(errno, path_);
  }
  const bool kept = fchmod(fd_, replaced.st_mode & kPermissionBits) == 0;
  return kept ? absl::OkStatus() : ErrnoToStatus(errno, path_);
}

FileWriter::~FileWriter() {
  if (fd_ < 0) return;
  close(fd_);
  if (kind_ == Kind::kNamed) unlink(temporary_.c_str());
}

absl::Status FileWriter::Append(absl::string_view bytes) {
  NIWAKI_CHECK(fd_ >= 0);
  if (!status_.ok()) return status_;
  if (kind_ == Kind::kStream) {
    const PipeSignalBlock block;
    status_ = WriteFully(fd_, bytes, path_);
  } else {
    status_ = WriteFully(fd_, bytes, path_);
  }
  return status_;
}

absl::Status FileWriter::Commit() {
  NIWAKI_CHECK(fd_ >= 0);
  if (status_.ok()) status_ = Finish();
  if (!status_.ok()) return status_;
  close(fd_);
  fd_ = -1;
  return absl::OkStatus();
}

absl::Status FileWriter::Finish() {
  if (fsync(fd_) != 0) {
    // What cannot be made durable, as a pipe, need not.
    const bool has_no_sync = kind_ == Kind::kStream && (errno == EINVAL || errno == EROFS);
    if (!has_no_sync) return ErrnoToStatus(errno, path_);
  }
  if (kind_ == Kind::kStream) return absl::OkStatus();
  if (kind_ == Kind::kUnnamed) {
    if (linkat(AT_FDCWD, OpenFilePath(fd_).c_str(), AT_FDCWD, temporary_.c_str(),
               AT_SYMLINK_FOLLOW) != 0) {
      return ErrnoToStatus(errno, path_);
    }
    kind_ = Kind::kNamed;
  }
  return RenameDurably(temporary_, target_);
}

}  // namespace niwaki
