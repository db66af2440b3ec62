// Ctrl-C, SIGTERM and the end of the terminal as a flag, for commands that end in an orderly way.

#ifndef NIWAKI_SERVICES_CLI_INTERRUPT_H_
#define NIWAKI_SERVICES_CLI_INTERRUPT_H_

#include <signal.h>

#include <atomic>
#include <utility>
#include <vector>

namespace niwaki::cli {

// While an object lives, the first SIGINT or SIGTERM only sets the flag; the second of its kind
// ends the process as usual. SIGHUP sets it as often as it comes: a terminal that closes sends it
// more than once. A SIGINT or SIGHUP that is ignored (nohup) stays so. One object at a time;
// earlier signals are forgotten when it is made.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool requested() const { return flag().load(); }

  // For functions that watch a flag of their own.
  static const std::atomic<bool>& flag();

 private:
  // What was done on each signal before.
  std::vector<std::pair<int, struct sigaction>> before_;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_INTERRUPT_H_
