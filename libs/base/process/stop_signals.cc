#include "libs/base/process/stop_signals.h"

#include <signal.h>

namespace niwaki {

std::vector<int> StopSignals() {
  std::vector<int> signals = {SIGTERM};
  for (const int signal : {SIGINT, SIGHUP}) {
    struct sigaction action;
    const bool known = sigaction(signal, nullptr, &action) == 0;
    if (!known || action.sa_handler != SIG_IGN) signals.push_back(signal);
  }
  return signals;
}

}  // namespace niwaki
