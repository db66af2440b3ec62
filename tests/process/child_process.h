// A program under test: started, watched, killed.

#ifndef NIWAKI_TESTS_PROCESS_CHILD_PROCESS_H_
#define NIWAKI_TESTS_PROCESS_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace niwaki::testing {

// Not thread-safe. The child is killed with its object.
class ChildProcess {
 public:
  // Runs `program` (a path) with `arguments`; its standard output and error go to the file
  // `log_path`, appended.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::string& program, const std::vector<std::string>& arguments,
      const std::string& log_path);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void Signal(int signal);

  // SIGKILL, and waits for the end.
  void Kill();

  // Waits for the end: the exit code, or 128 + the signal that ended it. DeadlineExceeded while it
  // still runs.
  absl::StatusOr<int> Wait(absl::Duration timeout);

  bool running();
  pid_t pid() const { return pid_; }

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  bool ended_ = false;
  int exit_code_ = 0;
};

// Waits until the file at `path` exists and gives its content without the line end.
// DeadlineExceeded.
absl::StatusOr<std::string> AwaitFile(const std::string& path, absl::Duration timeout);

}  // namespace niwaki::testing

#endif  // NIWAKI_TESTS_PROCESS_CHILD_PROCESS_H_
