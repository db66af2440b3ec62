#include "libs/jobs/proposer/fake_cost_source.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::jobs {
namespace {

void Stream(cost::Cost& cost) {
  cost.sram_bytes /= 2;
  cost.latency_us = cost.latency_us.Times(1.25, cost::Provenance::kPredicted);
  cost.schedule = "streamed";
}

}  // namespace

cost::Cost FakeCostOf(const arch::Subnet& subnet) {
  int64_t sum = 0;
  int64_t weighted = 0;
  for (size_t i = 0; i < subnet.genes.size(); ++i) {
    sum += subnet.genes[i];
    weighted += subnet.genes[i] * static_cast<int64_t>(1 + i % 5);
  }
  cost::Cost cost;
  cost.sram_bytes = 1000 + 100 * sum;
  cost.flash_bytes = 5000 + 50 * weighted;
  cost.macs = 10000 + 700 * weighted;
  cost.params = 2000 + 30 * weighted;
  const double latency_us = 500 + 25.0 * sum + 3.0 * weighted;
  cost.latency_us = cost::Figure::Of(latency_us, 0.9 * latency_us, 1.1 * latency_us,
                                     cost::Provenance::kPredicted);
  cost.schedule = "whole";
  return cost;
}

Score FakeScoreOf(absl::string_view subnet_json) {
  const Fingerprint hash = FingerprintOf(subnet_json.data(), subnet_json.size());
  Score score;
  score.top1 = static_cast<double>(hash.low % 1000) / 1000;
  score.top5 = score.top1 + (1 - score.top1) / 2;
  score.loss = 2 - score.top1;
  score.images = 1000;
  score.seconds = 0.25;
  return score;
}

absl::StatusOr<DeviceFacts> FakeCostSource::Facts(const std::string& device,
                                                  int64_t version) const {
  if (!failure_.ok()) return failure_;
  if (device != "fake") {
    return Error(absl::StatusCode::kNotFound, reason::kDeviceUnknown)
        .Field("spec.device")
        .Value(device)
        .Message(absl::StrCat("device '", device, "' does not exist"));
  }
  const int64_t newest = changes_ + 1;
  if (version == 0) version = newest;
  if (version < oldest_ || version > newest) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kTableVersionGone)
        .Field("table_version")
        .Value(version)
        .Limit(newest)
        .Message(absl::StrCat("version ", version, " is gone"));
  }
  return DeviceFacts{absl::StrCat("revision ", version - 1), version, sram_bytes_, flash_bytes_};
}

absl::StatusOr<DeviceFacts> FakeCostSource::FindDevice(const std::string& device) {
  absl::MutexLock lock(&mutex_);
  return Facts(device, /*version=*/0);
}

absl::StatusOr<std::vector<cost::Cost>> FakeCostSource::EstimateCosts(
    const DevicePin& device, const arch::SearchSpace&, absl::Span<const arch::Subnet> subnets) {
  std::function<bool(const arch::Subnet&)> gap;
  int64_t limit = std::numeric_limits<int64_t>::max();
  {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    NIWAKI_ASSIGN_OR_RETURN(const DeviceFacts facts, Facts(device.name, device.table_version));
    if (!device.revision.empty() && device.revision != facts.revision) {
      return Error(absl::StatusCode::kFailedPrecondition, reason::kDeviceChanged)
          .Field("device_revision")
          .Value(device.revision)
          .Limit(facts.revision)
          .Message(absl::StrCat("device '", device.name, "' has changed"));
    }
    gap = gap_;
    if (streams_) limit = device.sram_limit_bytes > 0 ? device.sram_limit_bytes : sram_bytes_;
  }
  std::vector<cost::Cost> costs;
  for (const arch::Subnet& subnet : subnets) {
    costs.push_back(FakeCostOf(subnet));
    if (costs.back().sram_bytes > limit) Stream(costs.back());
    if (gap && gap(subnet)) costs.back().latency_us = cost::Figure();
  }
  return costs;
}

void FakeCostSource::SetGap(std::function<bool(const arch::Subnet&)> gap) {
  absl::MutexLock lock(&mutex_);
  gap_ = std::move(gap);
}

void FakeCostSource::SetStreams() {
  absl::MutexLock lock(&mutex_);
  streams_ = true;
}

void FakeCostSource::SetMemory(int64_t sram_bytes, int64_t flash_bytes) {
  absl::MutexLock lock(&mutex_);
  sram_bytes_ = sram_bytes;
  flash_bytes_ = flash_bytes;
}

void FakeCostSource::ChangeDevice() {
  absl::MutexLock lock(&mutex_);
  ++changes_;
}

void FakeCostSource::ForgetVersions() {
  absl::MutexLock lock(&mutex_);
  oldest_ = changes_ + 1;
}

void FakeCostSource::SetFailure(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  failure_ = std::move(status);
}

int64_t FakeCostSource::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

}  // namespace niwaki::jobs
