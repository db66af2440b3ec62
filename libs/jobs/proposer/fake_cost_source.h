// FakeCostSource and FakeScoreOf: costs and scores that are pure functions of the network, for
// tests.

#ifndef NIWAKI_LIBS_JOBS_PROPOSER_FAKE_COST_SOURCE_H_
#define NIWAKI_LIBS_JOBS_PROPOSER_FAKE_COST_SOURCE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "libs/jobs/proposer/cost_source.h"
#include "libs/jobs/score.h"

namespace niwaki::jobs {

// Every cost grows with every gene; energies are not known. Knows the device "fake" only.
// Thread-safe.
class FakeCostSource : public CostSource {
 public:
  // A gigabyte of each memory, unless SetMemory.
  absl::StatusOr<DeviceFacts> FindDevice(const std::string& device) override;
  absl::StatusOr<std::vector<cost::Cost>> EstimateCosts(
      const DevicePin& device, const arch::SearchSpace& space,
      absl::Span<const arch::Subnet> subnets) override;

  // From now on latencies of networks for which `gap` says so are not known either.
  void SetGap(std::function<bool(const arch::Subnet&)> gap);

  // From now on every network has a schedule "streamed" besides: half the SRAM, five quarters of
  // the latency.
  void SetStreams();

  void SetMemory(int64_t sram_bytes, int64_t flash_bytes);
  // The device has another revision in a new version of the table.
  void ChangeDevice();
  // Versions before the newest are gone.
  void ForgetVersions();

  // Every call fails with `status` until it is set to OK again.
  void SetFailure(absl::Status status);

  // Of EstimateCosts.
  int64_t calls() const;

 private:
  // In that version of the table; 0 is the newest.
  absl::StatusOr<DeviceFacts> Facts(const std::string& device, int64_t version) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::function<bool(const arch::Subnet&)> gap_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  bool streams_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t oldest_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t sram_bytes_ ABSL_GUARDED_BY(mutex_) = int64_t{1} << 30;
  int64_t flash_bytes_ ABSL_GUARDED_BY(mutex_) = int64_t{1} << 30;
};

// The cost that FakeCostSource gives: of the schedule "whole".
cost::Cost FakeCostOf(const arch::Subnet& subnet);

// A valid score with 1000 images that depends on nothing but the text.
Score FakeScoreOf(absl::string_view subnet_json);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROPOSER_FAKE_COST_SOURCE_H_
