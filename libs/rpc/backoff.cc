#include "libs/rpc/backoff.h"

#include <algorithm>

namespace niwaki::rpc {

absl::Duration Backoff::Next() {
  const double factor = 1.0 + options_.jitter * (2.0 * random_.UniformDouble() - 1.0);
  const absl::Duration wait = next_ * factor;
  next_ = std::min(next_ * options_.multiplier, options_.max);
  return std::min(wait, options_.max);
}

}  // namespace niwaki::rpc
