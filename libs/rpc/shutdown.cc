#include "libs/rpc/shutdown.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "libs/base/process/stop_signals.h"

namespace niwaki::rpc {
namespace {

// Of RequestShutdown. Stays blocked for ever, so that a request that comes after another shutdown
// began does no harm.
constexpr int kRequest = SIGUSR2;

sigset_t SignalsFromOutside() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : StopSignals()) sigaddset(&signals, signal);
  return signals;
}

// A blocked signal is caught by sigwait even where it is ignored, so those stay out.
sigset_t AllSignals() {
  sigset_t signals = SignalsFromOutside();
  sigaddset(&signals, kRequest);
  return signals;
}

}  // namespace

void BlockShutdownSignals() {
  const sigset_t signals = AllSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

int WaitForShutdownSignal() {
  const sigset_t signals = AllSignals();
  int caught = 0;
  while (sigwait(&signals, &caught) != 0) {
  }
  sigset_t from_outside = SignalsFromOutside();
  sigdelset(&from_outside, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &from_outside, nullptr);
  return caught == kRequest ? SIGTERM : caught;
}

void RequestShutdown() { kill(getpid(), kRequest); }

}  // namespace niwaki::rpc
