#include "libs/jobs/lease_table.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::jobs {

std::string LeaseId::ToString() const {
  return absl::StrCat("l", candidate.job_uid, "-", candidate.slot, "-", epoch);
}

absl::StatusOr<LeaseId> LeaseId::Parse(absl::string_view text) {
  LeaseId id;
  absl::string_view rest = text;
  const std::vector<absl::string_view> parts = absl::ConsumePrefix(&rest, "l")
                                                   ? absl::StrSplit(rest, '-')
                                                   : std::vector<absl::string_view>();
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &id.candidate.job_uid) ||
      !absl::SimpleAtoi(parts[1], &id.candidate.slot) || !absl::SimpleAtoi(parts[2], &id.epoch) ||
      id.ToString() != text || id.candidate.job_uid < 1 || id.epoch < 1) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kLeaseUnknown)
        .Field("lease_id")
        .Value(text.substr(0, 100))
        .Limit("an id from LeaseCandidates")
        .Message(absl::StrCat("lease_id '", text.substr(0, 100), "' was never given"));
  }
  return id;
}

bool LeaseTable::Acquire(const LeaseId& id, absl::string_view worker, absl::Time expires_at) {
  const bool free =
      leases_.try_emplace(id.candidate, Lease{id, std::string(worker), expires_at, false}).second;
  if (free) by_expiry_.emplace(expires_at, id.candidate);
  return free;
}

const Lease* LeaseTable::Find(const LeaseId& id, absl::string_view worker) const {
  const auto it = leases_.find(id.candidate);
  if (it == leases_.end() || !(it->second.id == id) || it->second.worker != worker) return nullptr;
  return &it->second;
}

bool LeaseTable::Extend(const LeaseId& id, absl::string_view worker, bool running,
                        absl::Time expires_at) {
  if (Find(id, worker) == nullptr) return false;
  Lease& lease = leases_.find(id.candidate)->second;
  by_expiry_.erase({lease.expires_at, id.candidate});
  lease.expires_at = expires_at;
  lease.running = running;
  by_expiry_.emplace(expires_at, id.candidate);
  return true;
}

void LeaseTable::Release(const CandidateRef& candidate) {
  const auto it = leases_.find(candidate);
  if (it == leases_.end()) return;
  by_expiry_.erase({it->second.expires_at, candidate});
  leases_.erase(it);
}

std::vector<Lease> LeaseTable::Expire(absl::Time now) {
  std::vector<Lease> expired;
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    const auto it = leases_.find(by_expiry_.begin()->second);
    expired.push_back(std::move(it->second));
    leases_.erase(it);
    by_expiry_.erase(by_expiry_.begin());
  }
  return expired;
}

absl::Time LeaseTable::next_expiry() const {
  return by_expiry_.empty() ? absl::InfiniteFuture() : by_expiry_.begin()->first;
}

}  // namespace niwaki::jobs
