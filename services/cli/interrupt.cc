#include "services/cli/interrupt.h"

#include "libs/base/process/stop_signals.h"

namespace niwaki::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set by a signal handler");

void OnSignal(int) { interrupted = true; }

}  // namespace

Interrupt::Interrupt() {
  interrupted = false;
  for (const int signal : StopSignals()) {
    struct sigaction action = {};
    action.sa_handler = OnSignal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    // After the first one the signal has its default effect again.
    if (signal != SIGHUP) action.sa_flags |= SA_RESETHAND;
    struct sigaction before;
    sigaction(signal, &action, &before);
    before_.emplace_back(signal, before);
  }
}

Interrupt::~Interrupt() {
  for (const auto& [signal, before] : before_) sigaction(signal, &before, nullptr);
}

const std::atomic<bool>& Interrupt::flag() { return interrupted; }

}  // namespace niwaki::cli
