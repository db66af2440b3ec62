// Ctrl-C, SIGTERM and the end of the terminal as a flag, for commands that end in an orderly way.

#ifndef NIWAKI_SERVICES_CLI_INTERRUPT_H_
#define NIWAKI_SERVICES_CLI_INTERRUPT_H_

#include <signal.h>

#include <atomic>

namespace niwaki::cli {

// While an object lives, the first SIGINT, SIGTERM or SIGHUP only sets the flag; the second of
// its kind ends the process as usual. One object at a time; earlier signals are forgotten when it
// is made.
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
  struct sigaction old_int_;
  struct sigaction old_term_;
  struct sigaction old_hup_;
};

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_INTERRUPT_H_
