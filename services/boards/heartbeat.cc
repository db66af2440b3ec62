#include "services/boards/heartbeat.h"

#include <utility>

#include "libs/base/log.h"

namespace niwaki::boards {
namespace {

constexpr int kBeatsPerTtl = 3;

}  // namespace

Heartbeat::Heartbeat(HeartbeatOptions options, client::BoardLeaseClient* oracle,
                     const HeldMeasurements* held)
    : options_(std::move(options)), oracle_(oracle), held_(held), ttl_(options_.ttl) {
  thread_ = std::thread([this] { Loop(); });
}

Heartbeat::~Heartbeat() { Stop(); }

void Heartbeat::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  thread_.join();
  Beat(/*last=*/true);
}

void Heartbeat::Loop() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      options_.clock->AwaitWithDeadline(mutex_, absl::Condition(&stopping_),
                                        options_.clock->Now() + ttl_ / kBeatsPerTtl);
      if (stopping_) return;
    }
    Beat(/*last=*/false);
  }
}

void Heartbeat::Beat(bool last) {
  v1::ExtendMeasurementsRequest request;
  request.set_service(options_.service);
  request.set_instance(options_.instance);
  request.set_last(last);
  for (const std::string& lease_id : held_->Snapshot()) request.add_lease_ids(lease_id);
  const auto response = oracle_->Extend(request, options_.call_timeout);
  if (!response.ok()) {
    Log(last ? Severity::kInfo : Severity::kWarning, "heartbeat_failed",
        {{"error", response.status().message()}});
    return;
  }
  for (const std::string& lease_id : response->revoked_lease_ids()) {
    // What runs is finished and reported all the same.
    if (!last) Log(Severity::kWarning, "lease_revoked", {{"lease", lease_id}});
  }
  const absl::Duration ttl =
      absl::Seconds(response->ttl().seconds()) + absl::Nanoseconds(response->ttl().nanos());
  absl::MutexLock lock(&mutex_);
  if (ttl > absl::ZeroDuration()) ttl_ = ttl;
}

}  // namespace niwaki::boards
