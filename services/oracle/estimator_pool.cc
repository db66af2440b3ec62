#include "services/oracle/estimator_pool.h"

#include <utility>

namespace niwaki::oracle {
namespace {

// More than threads that estimate at once, for a few devices each.
constexpr size_t kMaxIdle = 64;

}  // namespace

std::unique_ptr<WarmEstimator> EstimatorPool::Borrow(
    const device::Device& device, const std::shared_ptr<const latency::LatencySnapshot>& snapshot) {
  {
    absl::MutexLock lock(&mutex_);
    for (auto it = idle_.rbegin(); it != idle_.rend(); ++it) {
      if ((*it)->device != device.name || (*it)->estimator.table_version() != snapshot->version()) {
        continue;
      }
      std::unique_ptr<WarmEstimator> found = std::move(*it);
      idle_.erase(std::next(it).base());
      return found;
    }
  }
  return std::make_unique<WarmEstimator>(device.name,
                                         latency::CostEstimator(device, snapshot, memo_));
}

void EstimatorPool::Return(std::unique_ptr<WarmEstimator> estimator) {
  absl::MutexLock lock(&mutex_);
  // An estimator of an old version keeps that version's tables in memory: the oldest go first.
  if (idle_.size() >= kMaxIdle) idle_.erase(idle_.begin());
  idle_.push_back(std::move(estimator));
}

}  // namespace niwaki::oracle
