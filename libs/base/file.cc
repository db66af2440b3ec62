#include "libs/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki {
namespace {

namespace fs = std::filesystem;

// Closes on destruction; -1 is no file.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status WriteAll(int fd, absl::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoToStatus(errno, path);
    }
    content.remove_prefix(written);
  }
  if (fsync(fd) != 0) return ErrnoToStatus(errno, path);
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& folder) {
  Descriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return ErrnoToStatus(errno, folder);
  return absl::OkStatus();
}

absl::Status WriteSynced(const std::string& path, absl::string_view content) {
  Descriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (fd.get() < 0) return ErrnoToStatus(errno, path);
  return WriteAll(fd.get(), content, path);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, int64_t max_bytes) {
  std::error_code code;
  if (fs::is_directory(path, code)) return ErrnoToStatus(EISDIR, path);
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return ErrnoToStatus(errno, path);
  const int64_t size = file.tellg();
  if (size > max_bytes) {
    return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
        .Field(path)
        .Value(size)
        .Limit(max_bytes)
        .Message(absl::StrCat(path, " has ", size, " bytes, the limit is ", max_bytes));
  }
  std::string content(size, '\0');
  file.seekg(0);
  file.read(content.data(), size);
  if (file.gcount() != size) return ErrnoToStatus(EIO, path);
  return content;
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view content) {
  const std::string temporary = absl::StrCat(path, ".", NewUuid(), ".tmp");
  absl::Status status = WriteSynced(temporary, content);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoToStatus(errno, path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  const std::string folder = fs::path(path).parent_path().string();
  return SyncFolder(folder.empty() ? "." : folder);
}

absl::Status MakeFolders(const std::string& path) {
  std::error_code code;
  fs::create_directories(path, code);
  return code ? ErrnoToStatus(code.value(), path) : absl::OkStatus();
}

bool FileExists(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}

absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path) {
  std::error_code code;
  fs::directory_iterator entries(path, code);
  if (code) return ErrnoToStatus(code.value(), path);
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : entries) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::unique_ptr<MappedFile>> MappedFile::Open(const std::string& path) {
  Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoToStatus(errno, path);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return ErrnoToStatus(errno, path);
  if (S_ISDIR(info.st_mode)) return ErrnoToStatus(EISDIR, path);
  // An empty mapping is an error of mmap, an empty file is not one of ours.
  if (info.st_size == 0) return std::unique_ptr<MappedFile>(new MappedFile(nullptr, 0));
  void* data = mmap(nullptr, info.st_size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) return ErrnoToStatus(errno, path);
  return std::unique_ptr<MappedFile>(new MappedFile(static_cast<const char*>(data), info.st_size));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

}  // namespace niwaki
