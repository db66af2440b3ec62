// Child processes by argument vector; no shell ever sees the arguments.

#ifndef NIWAKI_LIBS_DATA_PROCESS_H_
#define NIWAKI_LIBS_DATA_PROCESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace niwaki::data {

struct ProcessOptions {
  // argv[0] is looked up on PATH unless it holds a slash.
  std::vector<std::string> argv;
  // The Debian package that holds argv[0], for the error message.
  std::string package;
  int64_t max_output_bytes = int64_t{64} << 20;
  // The child is killed when it writes nothing for so long.
  int idle_timeout_ms = 20000;
};

// Runs the child to its end and returns its standard output; its standard input is empty and its
// standard error is dropped. Thread-safe. FailedPrecondition with TOOL_MISSING when the program is
// not there; DeadlineExceeded when it is silent too long; ResourceExhausted when it writes too
// much; Internal when it fails.
absl::StatusOr<std::string> RunProcess(const ProcessOptions& options);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PROCESS_H_
