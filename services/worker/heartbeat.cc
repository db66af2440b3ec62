#include "services/worker/heartbeat.h"

#include <utility>

#include "absl/status/statusor.h"
#include "libs/base/log.h"
#include "services/worker/duration.h"

namespace niwaki::worker {
namespace {

// Two beats may be lost before a lease runs out.
constexpr int kBeatsPerTtl = 3;
// After a failed call; the coordinator may be back any moment.
constexpr int kRetriesPerTtl = 12;
// Between two beats, however much happens.
constexpr absl::Duration kMinInterval = absl::Milliseconds(100);

}  // namespace

Heartbeat::Heartbeat(HeartbeatOptions options, client::WorkerClient* coordinator,
                     HeldLeases* leases)
    : options_(std::move(options)),
      coordinator_(coordinator),
      leases_(leases),
      last_(options_.clock->Now()) {
  thread_ = std::thread([this] { Loop(); });
}

Heartbeat::~Heartbeat() { Stop(); }

void Heartbeat::SetTtl(absl::Duration ttl) {
  if (ttl <= absl::ZeroDuration()) return;
  absl::MutexLock lock(&mutex_);
  // A shorter life than the one that the sleep in progress was reckoned with.
  if (ttl < ttl_) soon_ = true;
  ttl_ = ttl;
}

void Heartbeat::BeatSoon() {
  absl::MutexLock lock(&mutex_);
  soon_ = true;
}

void Heartbeat::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Heartbeat::AwaitBeat(bool last_ok) {
  const auto woken = [](Heartbeat* self)
                         ABSL_NO_THREAD_SAFETY_ANALYSIS { return self->stopping_ || self->soon_; };
  absl::MutexLock lock(&mutex_);
  options_.clock->AwaitWithDeadline(mutex_, absl::Condition(&stopping_), last_ + kMinInterval);
  const absl::Duration interval = ttl_ / (last_ok ? kBeatsPerTtl : kRetriesPerTtl);
  options_.clock->AwaitWithDeadline(mutex_, absl::Condition(+woken, this), last_ + interval);
  soon_ = false;
  return !stopping_;
}

void Heartbeat::Loop() {
  bool ok = true;
  while (AwaitBeat(ok)) {
    last_ = options_.clock->Now();
    ok = leases_->empty() || Beat();
  }
}

bool Heartbeat::Beat() {
  v1::ExtendLeasesRequest request;
  request.set_worker(options_.worker);
  request.set_instance(options_.instance);
  for (v1::LeaseRef& ref : leases_->Snapshot()) *request.add_leases() = std::move(ref);
  const absl::StatusOr<v1::ExtendLeasesResponse> response =
      coordinator_->Extend(request, options_.call_timeout);
  if (!response.ok()) {
    Log(Severity::kWarning, "heartbeat_failed", {{"error", response.status().message()}});
    return false;
  }
  for (const std::string& lease_id : response->revoked_lease_ids()) {
    Log(Severity::kInfo, "lease_revoked", {{"lease", lease_id}});
    leases_->Remove(lease_id);
  }
  if (response->drain() && options_.on_drain) options_.on_drain();
  SetTtl(ToDuration(response->ttl()));
  return true;
}

}  // namespace niwaki::worker
