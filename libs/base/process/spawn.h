// How another program is started: what RunProgram and ChildProgram have in common.

#ifndef NIWAKI_LIBS_BASE_PROCESS_SPAWN_H_
#define NIWAKI_LIBS_BASE_PROCESS_SPAWN_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace niwaki {

// Starts argv[0], looked up on PATH unless it holds a slash, and returns once it runs. Its input is
// empty, its outputs go to the descriptors `output` and `errors`, which stay the caller's; it is a
// process group of its own, and is killed when the thread that started it ends.
//
// FailedPrecondition with TOOL_MISSING, naming the Debian package `package`, where there is no such
// program; the errors of the system. Thread-safe.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv, const std::string& package,
                            int output, int errors);

// Of waitpid's status, as shells say it: 128 + N for a program that signal N ended.
int ExitCodeOf(int wait_status);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_SPAWN_H_
