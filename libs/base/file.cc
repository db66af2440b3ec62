#include "libs/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file_writer.h"
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

constexpr int64_t kPiece = 1 << 16;

absl::Status TooLarge(const std::string& path, const std::string& size, int64_t max_bytes) {
  return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
      .Field("file")
      .Value(size)
      .Limit(max_bytes)
      .Message(absl::StrCat(path, " has ", size, " bytes, the limit is ", max_bytes));
}

// A place in the file system that has bytes but no length.
absl::Status NoFile(const std::string& path) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSystemError)
      .Field("file")
      .Value(path)
      .Message(absl::StrCat(path, " is a pipe or a device; this needs a file: save it first"));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, int64_t max_bytes) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoToStatus(errno, path);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return ErrnoToStatus(errno, path);
  if (S_ISDIR(info.st_mode)) return ErrnoToStatus(EISDIR, path);
  if (info.st_size > max_bytes) return TooLarge(path, absl::StrCat(info.st_size), max_bytes);
  // Room for one byte more, so that the end of an ordinary file is seen without growing.
  std::string content(info.st_size + 1, '\0');
  int64_t size = 0;
  // Pipes and the files of /proc have more than their size says.
  while (true) {
    if (size == static_cast<int64_t>(content.size())) content.resize(size + kPiece);
    const ssize_t got = read(fd.get(), &content[size], content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoToStatus(errno, path);
    if (got == 0) break;
    size += got;
    if (size > max_bytes) return TooLarge(path, absl::StrCat("over ", max_bytes), max_bytes);
  }
  content.resize(size);
  return content;
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view content) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<FileWriter> file, FileWriter::Create(path));
  NIWAKI_RETURN_IF_ERROR(file->Append(content));
  return file->Commit();
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
  if (!S_ISREG(info.st_mode)) return NoFile(path);
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
