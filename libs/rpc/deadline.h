// Deadlines as gRPC takes them. Its timers know the machine's clock alone, whatever clock the
// caller runs on: time that a test moves by hand is for leases and back-off, never for a call on
// the wire.

#ifndef NIWAKI_LIBS_RPC_DEADLINE_H_
#define NIWAKI_LIBS_RPC_DEADLINE_H_

#include <chrono>

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace niwaki::rpc {

// `timeout` from now.
inline std::chrono::system_clock::time_point DeadlineAfter(absl::Duration timeout) {
  return absl::ToChronoTime(Clock::Real().Now() + timeout);
}

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_DEADLINE_H_
