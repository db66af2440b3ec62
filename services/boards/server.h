// A niwaki-boards process: builds everything from Options, runs until it is told to stop.

#ifndef NIWAKI_SERVICES_BOARDS_SERVER_H_
#define NIWAKI_SERVICES_BOARDS_SERVER_H_

#include "services/boards/options.h"

namespace niwaki::boards {

// Blocks until SIGTERM, SIGINT, until all boards are drained or one is refused; returns the exit
// code, 0 or 1. BlockShutdownSignals has been called. Call once in a process.
int RunBoards(const Options& options);

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_SERVER_H_
