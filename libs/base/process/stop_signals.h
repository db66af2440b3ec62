// Which signals ask a program to end.

#ifndef NIWAKI_LIBS_BASE_PROCESS_STOP_SIGNALS_H_
#define NIWAKI_LIBS_BASE_PROCESS_STOP_SIGNALS_H_

#include <vector>

namespace niwaki {

// SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal is closed), less those of the latter two that
// this process ignores: who starts a program so (nohup; a script's `&`) wants it to outlive them.
// Ask before you handle or block them.
std::vector<int> StopSignals();

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_STOP_SIGNALS_H_
