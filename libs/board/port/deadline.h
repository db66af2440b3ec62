// A point of time by which something must have ended, on a clock that nobody adjusts.

#ifndef NIWAKI_LIBS_BOARD_PORT_DEADLINE_H_
#define NIWAKI_LIBS_BOARD_PORT_DEADLINE_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace niwaki::board {

// A value.
class Deadline {
 public:
  static Deadline After(absl::Duration duration) {
    const absl::Duration most = absl::Hours(24 * 365);
    return Deadline(std::chrono::steady_clock::now() +
                    absl::ToChronoNanoseconds(std::min(duration, most)));
  }

  // 0 once it has passed.
  absl::Duration remaining() const {
    return std::max(absl::ZeroDuration(), absl::FromChrono(at_ - std::chrono::steady_clock::now()));
  }
  bool passed() const { return remaining() == absl::ZeroDuration(); }
  // For poll: rounded up, so that it is 0 only once it has passed.
  int remaining_ms() const {
    const absl::Duration left = std::min(remaining(), absl::Hours(1));
    return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))));
  }

  friend Deadline Earlier(const Deadline& a, const Deadline& b) { return a.at_ < b.at_ ? a : b; }

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}

  std::chrono::steady_clock::time_point at_;
};

Deadline Earlier(const Deadline& a, const Deadline& b);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PORT_DEADLINE_H_
