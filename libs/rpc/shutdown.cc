#include "libs/rpc/shutdown.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace niwaki::rpc {
namespace {

sigset_t ShutdownSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void BlockShutdownSignals() {
  const sigset_t signals = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int WaitForShutdownSignal() {
  const sigset_t signals = ShutdownSignals();
  int caught = 0;
  while (sigwait(&signals, &caught) != 0) {
  }
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return caught;
}

void RequestShutdown() { kill(getpid(), SIGTERM); }

}  // namespace niwaki::rpc
