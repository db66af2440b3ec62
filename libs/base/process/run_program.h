// Runs another program to its end: arguments without a shell, both outputs, a limit on time.

#ifndef NIWAKI_LIBS_BASE_PROCESS_RUN_PROGRAM_H_
#define NIWAKI_LIBS_BASE_PROCESS_RUN_PROGRAM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace niwaki {

struct ProgramOptions {
  // argv[0] is looked up on PATH unless it holds a slash.
  std::vector<std::string> argv;
  // The Debian package that holds argv[0], for the error message.
  std::string package;
  // Of the whole run.
  int timeout_ms = 60000;
  // Of both outputs together.
  int64_t max_output_bytes = int64_t{64} << 20;
};

struct ProgramResult {
  // As shells say it: 128 + N for a program that signal N ended.
  int exit_code = 0;
  std::string standard_output;
  std::string standard_error;
};

// Blocks. The program's input is empty; it and what it started are killed at the limits, and it is
// when this process ends. Thread-safe. FailedPrecondition with TOOL_MISSING and the package where
// there is no such program; DeadlineExceeded; ResourceExhausted; a program that ends by itself,
// however, is a result.
absl::StatusOr<ProgramResult> RunProgram(const ProgramOptions& options);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_RUN_PROGRAM_H_
