// Another program that runs beside this one: started, watched, ended.

#ifndef NIWAKI_LIBS_BASE_PROCESS_CHILD_PROGRAM_H_
#define NIWAKI_LIBS_BASE_PROCESS_CHILD_PROGRAM_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/process/temporary_file.h"

namespace niwaki {

struct ChildOptions {
  // argv[0] is looked up on PATH unless it holds a slash.
  std::vector<std::string> argv;
  // The Debian package that holds argv[0], for the error message.
  std::string package;
};

// Its input is empty; it is a process group of its own, which is killed with the object, and it is
// when the thread that started it ends. Thread-safe.
class ChildProgram {
 public:
  // FailedPrecondition with TOOL_MISSING and the package where there is no such program; the errors
  // of the system.
  static absl::StatusOr<std::unique_ptr<ChildProgram>> Start(const ChildOptions& options);
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  pid_t id() const { return id_; }

  // How it ended, as shells say it: 128 + N for a program that signal N ended; nullopt while it
  // runs.
  std::optional<int> ExitCode();

  // Ends it and what it started, and waits for that. Idempotent.
  void Kill();

  // The beginning of what it has written to both of its outputs.
  std::string Output() const;

 private:
  ChildProgram(pid_t id, std::unique_ptr<TemporaryFile> output)
      : id_(id), output_(std::move(output)) {}

  void Wait(int options) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const pid_t id_;
  const std::unique_ptr<TemporaryFile> output_;
  absl::Mutex mutex_;
  std::optional<int> exit_code_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_CHILD_PROGRAM_H_
