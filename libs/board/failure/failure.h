// Whose fault it is that something on a board did not work.
//
// The chain of reasons is in the status itself: its message goes from the outside in ("run: no
// reply within 5 s: …"), and its items (GetErrorItems) are what was tried, one by one.

#ifndef NIWAKI_LIBS_BOARD_FAILURE_FAILURE_H_
#define NIWAKI_LIBS_BOARD_FAILURE_FAILURE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::board {

// Each error is of one class.
//
//   class            reasons                                              codes without such a
//   reason kInfrastructure  BOARD_BUSY, BOARD_VANISHED, COMMAND_FAILED           all others kBoard
//   BOARD_RESET, BOARD_FAULT, BOARD_GARBLED,             DataLoss
//                    BOARD_REFUSED
//   kCandidate       NETWORK_FAULT, BUDGET_UNSATISFIABLE
//   kTimeout                                                              DeadlineExceeded
//   kConfiguration   BOARD_MISMATCH, TOOL_MISSING, DEVICE_UNKNOWN         InvalidArgument,
//   NotFound,
//                                                                         PermissionDenied,
//                                                                         Unimplemented
enum class FailureClass {
  // OK is no failure.
  kNone,
  // What lies between: port, cable, emulator, the machine beside the board.
  kInfrastructure,
  // It does not do what its protocol says.
  kBoard,
  // The network: it faults, or does not fit.
  kCandidate,
  // It may have done anything.
  kTimeout,
  // A human has to change a file or a right first.
  kConfiguration,
};

FailureClass FailureClassOf(const absl::Status& status);

// "infrastructure", "board", "candidate", "time-out", "configuration"; "none".
absl::string_view FailureClassName(FailureClass failure);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_FAILURE_FAILURE_H_
