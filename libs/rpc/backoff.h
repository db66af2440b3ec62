// Growing waits between attempts, with jitter so that many clients do not return at once.

#ifndef NIWAKI_LIBS_RPC_BACKOFF_H_
#define NIWAKI_LIBS_RPC_BACKOFF_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "libs/base/random.h"

namespace niwaki::rpc {

struct BackoffOptions {
  absl::Duration initial = absl::Milliseconds(100);
  absl::Duration max = absl::Seconds(5);
  // Growth from one wait to the next, at least 1.
  double multiplier = 2.0;
  // Each wait is off by up to this share either way, 0 to 1.
  double jitter = 0.2;
  // Where the jitter of each new Backoff comes from; tests give the same number.
  std::function<uint64_t()> seed = &EntropySeed;
};

// Not thread-safe.
class Backoff {
 public:
  // With a seed of the options', or a given one.
  explicit Backoff(const BackoffOptions& options) : Backoff(options, options.seed()) {}
  Backoff(const BackoffOptions& options, uint64_t seed)
      : options_(options), random_(seed), next_(options.initial) {}

  // How long to wait now; the next one is longer.
  absl::Duration Next();
  // After a success: the next wait is the initial one.
  void Reset() { next_ = options_.initial; }

 private:
  const BackoffOptions options_;
  Random random_;
  absl::Duration next_;
};

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_BACKOFF_H_
