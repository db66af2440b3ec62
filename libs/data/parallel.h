// A loop over independent items on several threads, with progress and cancellation.

#ifndef NIWAKI_LIBS_DATA_PARALLEL_H_
#define NIWAKI_LIBS_DATA_PARALLEL_H_

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"

namespace niwaki::data {

// Called with (done, total) after items finish, from any thread but never from two at once; keep it
// short.
using ProgressFn = std::function<void(int64_t done, int64_t total)>;

struct ParallelOptions {
  // 0: as many as the machine has cores.
  int threads = 0;
  ProgressFn progress;
  // Borrowed; when it becomes true no further item starts. May be null.
  const std::atomic<bool>* cancel = nullptr;
};

// Runs fn(i) for every i in [0, n). After the first error no further item starts; returns the error
// of the lowest item that failed, Cancelled when cancelled, else OK. Every thread has ended on
// return.
absl::Status ParallelFor(int64_t n, const ParallelOptions& options,
                         const std::function<absl::Status(int64_t)>& fn);

// Runs fn(begin, end) for ranges of `length` items, of which the last may be shorter, that together
// are [0, n): where starting costs more than an item. Progress counts items. Otherwise as above.
absl::Status ParallelForRanges(int64_t n, int64_t length, const ParallelOptions& options,
                               const std::function<absl::Status(int64_t, int64_t)>& fn);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PARALLEL_H_
