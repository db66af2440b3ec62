// How long each phase of a conversation with a board may take, as a whole.

#ifndef NIWAKI_LIBS_BOARD_SESSION_PHASE_TIMEOUTS_H_
#define NIWAKI_LIBS_BOARD_SESSION_PHASE_TIMEOUTS_H_

#include "absl/time/time.h"

namespace niwaki::board {

// The defaults are what `docs/boards.md` says of a file that leaves them out.
struct PhaseTimeouts {
  absl::Duration identify = absl::Seconds(5);
  absl::Duration write = absl::Seconds(30);
  absl::Duration run = absl::Seconds(120);
  absl::Duration read = absl::Seconds(30);
  absl::Duration reset = absl::Seconds(10);
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_SESSION_PHASE_TIMEOUTS_H_
