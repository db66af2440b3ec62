#include "libs/data/parallel.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace niwaki::data {
namespace {

// What the threads of one loop share.
class Loop {
 public:
  Loop(int64_t n, const ParallelOptions& options, const std::function<absl::Status(int64_t)>& fn)
      : n_(n), options_(options), fn_(fn) {}

  void Run() {
    while (!Stopped()) {
      const int64_t i = next_.fetch_add(1);
      if (i >= n_) return;
      Finish(i, fn_(i));
    }
  }

  absl::Status Result() {
    absl::MutexLock lock(&mutex_);
    if (!status_.ok()) return status_;
    if (done_ < n_) return absl::CancelledError("cancelled by the caller");
    return absl::OkStatus();
  }

 private:
  bool Stopped() const { return failed_ || (options_.cancel != nullptr && *options_.cancel); }

  void Finish(int64_t i, absl::Status status) {
    absl::MutexLock lock(&mutex_);
    if (!status.ok()) {
      failed_ = true;
      if (i < failed_item_) {
        failed_item_ = i;
        status_ = std::move(status);
      }
      return;
    }
    ++done_;
    if (options_.progress) options_.progress(done_, n_);
  }

  const int64_t n_;
  const ParallelOptions& options_;
  const std::function<absl::Status(int64_t)>& fn_;
  std::atomic<int64_t> next_{0};
  std::atomic<bool> failed_{false};

  absl::Mutex mutex_;
  int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t failed_item_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status ParallelFor(int64_t n, const ParallelOptions& options,
                         const std::function<absl::Status(int64_t)>& fn) {
  const int64_t cores = std::max(1u, std::thread::hardware_concurrency());
  const int64_t wanted = options.threads > 0 ? options.threads : cores;
  Loop loop(n, options, fn);
  std::vector<std::thread> threads;
  for (int64_t t = 1; t < std::min(wanted, n); ++t) threads.emplace_back([&loop] { loop.Run(); });
  loop.Run();
  for (std::thread& thread : threads) thread.join();
  return loop.Result();
}

absl::Status ParallelForRanges(int64_t n, int64_t length, const ParallelOptions& options,
                               const std::function<absl::Status(int64_t, int64_t)>& fn) {
  ParallelOptions of_ranges = options;
  if (options.progress) {
    of_ranges.progress = [&](int64_t done, int64_t) {
      options.progress(std::min(done * length, n), n);
    };
  }
  return ParallelFor((n + length - 1) / length, of_ranges, [&](int64_t range) {
    return fn(range * length, std::min(n, (range + 1) * length));
  });
}

}  // namespace niwaki::data
