// Writing files so that they appear whole: the one way in which Niwaki makes its outputs.

#ifndef NIWAKI_LIBS_BASE_FILE_WRITER_H_
#define NIWAKI_LIBS_BASE_FILE_WRITER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// One file on its way. The pieces go to a file without a name in the target's folder (on file
// systems that have no such files: `TARGET.UUID.tmp`); Commit makes them durable and gives them the
// target's name, so that after a crash the target holds either its old or its new content. Without
// Commit nothing changes and nothing is left, whatever ends the process. What is replaced keeps its
// permission bits; a new file has 0644 less the umask.
//
//   NIWAKI_ASSIGN_OR_RETURN(const auto file, FileWriter::Create(path));
//   for (...) NIWAKI_RETURN_IF_ERROR(file->Append(piece));
//   return file->Commit();
//
// Create tells all that can be told beforehand, so make the writer before the work whose result it
// takes. Symbolic links are followed, the file that they lead to is replaced. A target that is no
// regular file (a device, a pipe, /dev/stdout) is written to as it is: bytes are out when Append
// returns.
//
// Errors name the target and the system's cause (ErrnoToStatus): NotFound for a folder that is not
// there, PermissionDenied also for a file that is write-protected (what its owner guards is not
// replaced), InvalidArgument when the target is a folder, FailedPrecondition for a socket or a
// circle of links, ResourceExhausted with reason DISK_FULL.
//
// Not thread-safe.
class FileWriter {
 public:
  // Blocks on a pipe until someone reads it.
  static absl::StatusOr<std::unique_ptr<FileWriter>> Create(const std::string& path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  // Takes the next bytes. After an error every further call returns that error.
  absl::Status Append(absl::string_view bytes);

  // Once, at the end.
  absl::Status Commit();

 private:
  enum class Kind { kStream, kUnnamed, kNamed };

  FileWriter(std::string path, std::string target)
      : path_(std::move(path)), target_(std::move(target)) {}
  // The errno, 0 when done.
  int OpenStream();
  int OpenBeside();
  absl::Status KeepPermissions();
  absl::Status Finish();

  // As the caller wrote it.
  const std::string path_;
  // Behind the symbolic links.
  const std::string target_;
  // A stream is written to as it is.
  Kind kind_ = Kind::kStream;
  // Of a file beside the target; kUnnamed has it for a moment only.
  std::string temporary_;
  // -1 before it is open and once it is committed.
  int fd_ = -1;
  absl::Status status_;
};

// Whether FileWriter could make `path` now: its errors, for work that has its result only at the
// end and elsewhere. A device is asked whether it takes anything (/dev/full does not), a pipe is
// not opened.
absl::Status CheckWritable(const std::string& path);

// Whether the files of `folder`, which FileWriter and MakeFolders will make, could be made now: the
// errors of CheckWritable in the folder, or where it is to be made. Leaves nothing.
absl::Status CheckWritableFolder(const std::string& folder);

// Whether `path` leads to something that is written to as it is, such as a device or a pipe: beside
// it there is no place for other files of the same work.
bool IsStream(const std::string& path);

// Writes all of `bytes` at the place where `fd` stands. Errors name `path`.
absl::Status WriteFully(int fd, absl::string_view bytes, const std::string& path);

// Gives the file `from`, whose content is durable, the name `to` on the same file system, in place
// of a file that has it, and makes that durable. Errors name `to`.
absl::Status RenameDurably(const std::string& from, const std::string& to);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_FILE_WRITER_H_
