// Estimators that are warm: their memory has grown to what networks need.

#ifndef NIWAKI_SERVICES_ORACLE_ESTIMATOR_POOL_H_
#define NIWAKI_SERVICES_ORACLE_ESTIMATOR_POOL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "libs/arch/graph.h"
#include "libs/cost/cost.h"
#include "libs/device/device.h"
#include "libs/engine/plan/costs/cost_memo.h"
#include "libs/latency/estimate.h"
#include "libs/latency/snapshot.h"

namespace niwaki::oracle {

// What one thread needs to estimate networks on one device by one version of the tables.
struct WarmEstimator {
  WarmEstimator(std::string device_name, latency::CostEstimator cost_estimator)
      : device(std::move(device_name)), estimator(std::move(cost_estimator)) {}

  std::string device;
  latency::CostEstimator estimator;
  arch::Graph graph;
  // Of the network at hand.
  std::vector<cost::ScheduleCost> schedules;
};

// Thread-safe.
class EstimatorPool {
 public:
  // An idle estimator of the device and the snapshot's version, else a new one.
  std::unique_ptr<WarmEstimator> Borrow(
      const device::Device& device,
      const std::shared_ptr<const latency::LatencySnapshot>& snapshot);

  // Takes it back for the next borrower.
  void Return(std::unique_ptr<WarmEstimator> estimator);

 private:
  // Exact costs depend on no device.
  const std::shared_ptr<engine::CostMemo> memo_ = std::make_shared<engine::CostMemo>();
  absl::Mutex mutex_;
  // Most recently used last.
  std::vector<std::unique_ptr<WarmEstimator>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_ESTIMATOR_POOL_H_
