// A program that runs as long as this one wants it to, and no longer than this one lives.

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_CHILD_PROCESS_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace niwaki::cli {

struct ChildOptions {
  // Of an executable file.
  std::string path;
  // Without the program's name.
  std::vector<std::string> arguments;
  // Standard output and error are appended to this file.
  std::string log_path;
  // The child gets SIGTERM when the thread that started it ends; else it is in a session of its
  // own and outlives terminal and parent. Ctrl-C on the terminal reaches it in neither case.
  bool dies_with_parent = true;
};

// Not thread-safe.
class ChildProcess {
 public:
  // The errors of the system calls; a program that cannot be executed ends with code 127.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(const ChildOptions& options);
  // Kills a child that still runs and waits for it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // Looks, without waiting, whether the child still runs.
  bool Running();

  // "exit code 1", "signal 9"; "" while it runs.
  std::string Outcome();

  // Sends a signal; nothing once it has ended.
  void Signal(int signal);

  // Lets the child live on its own: the destructor leaves it alone.
  void Release() { ended_ = true; }

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  const pid_t pid_;
  bool ended_ = false;
  int wait_status_ = 0;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_CHILD_PROCESS_H_
