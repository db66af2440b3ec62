// Exit codes of niwaki: one number for each kind of outcome, so that scripts can branch on them.

#ifndef NIWAKI_SERVICES_CLI_EXIT_CODE_H_
#define NIWAKI_SERVICES_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace niwaki::cli {

enum ExitCode : int {
  kExitOk = 0,
  // The work failed: a damaged file, a full disk, a job that ended FAILED, a defect of ours.
  kExitFailed = 1,
  // Wrong command line, job file, subnet or other input.
  kExitUsage = 2,
  // The named job, supernet, device, space, artifact or file does not exist.
  kExitNotFound = 3,
  // Not in this state: the job has ended, the name is taken, a race was lost.
  kExitRefused = 4,
  // The coordinator or the oracle does not answer, or not in time.
  kExitUnavailable = 5,
  // No network of the space meets the job's constraints (reason BUDGET_UNSATISFIABLE).
  kExitNoFit = 6,
  // Ended by Ctrl-C.
  kExitInterrupted = 130,
};

// InvalidArgument, OutOfRange → 2; NotFound → 3; FailedPrecondition, Aborted, AlreadyExists → 4,
// with reason BUDGET_UNSATISFIABLE → 6; Unavailable, DeadlineExceeded → 5; Cancelled → 130; every
// other error → 1.
ExitCode ExitCodeOf(const absl::Status& status);

// The table of exit codes for --help.
extern const char kExitCodeHelp[];

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_EXIT_CODE_H_
