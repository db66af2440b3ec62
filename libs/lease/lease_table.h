// LeaseTable: who may work on what until when. Pure: time is passed in.
//
//   LeaseTable<CandidateRef> leases({/*ttl=*/absl::Seconds(15),
//   /*max_running=*/absl::Minutes(15)}); leases.Acquire({ref, ++row.epoch}, "worker-1", now); // a
//   grant leases.Renew(id, "worker-1", /*running=*/true, now);          // each heartbeat
//   leases.NoteProgress("worker-1", now);                         // it handed something in
//   leases.Release(ref);                                          // done, or taken back
//   for (auto& ended : leases.TakeEnded(now)) …                   // now and then
//
//   (free) ──Acquire, Claim──► waiting ──Renew(running)──► running ──Release──► (free)
//                                 └───────────TakeEnded───────┴────► (free)
//
// A lease ends by itself in two ways. It expires when nobody renewed it for the ttl: its holder is
// gone. It is overdue when its holder renews it but gets nowhere, the hard end: a running lease
// `max_running` after it began to run; a waiting one when its holder has neither taken, begun nor
// finished anything for that long, so that what waits behind a stuck one is freed with it. Waiting
// for its turn in a batch that makes progress never counts against a lease.

#ifndef NIWAKI_LIBS_LEASE_LEASE_TABLE_H_
#define NIWAKI_LIBS_LEASE_LEASE_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/lease/lease_id.h"

namespace niwaki::lease {

struct LeaseOptions {
  // From grant or renewal to the end.
  absl::Duration ttl = absl::Seconds(15);
  // The hard end; see above.
  absl::Duration max_running = absl::InfiniteDuration();
};

template <typename Ref>
struct Lease {
  LeaseId<Ref> id;
  std::string holder;
  absl::Time expires_at;
  // The holder said that it is working on this one now, and since when.
  bool running = false;
  absl::Time running_since = absl::InfiniteFuture();
};

// How a lease ended by itself.
enum class LeaseEnd { kExpired, kOverdue };

template <typename Ref>
struct EndedLease {
  Lease<Ref> lease;
  LeaseEnd end = LeaseEnd::kExpired;
};

// What one holder has in hand.
struct HolderLoad {
  int64_t held = 0;
  // Of those, being worked on.
  int64_t running = 0;
};

// At most one lease for each reference. Not thread-safe.
template <typename Ref>
class LeaseTable {
 public:
  explicit LeaseTable(LeaseOptions options) : options_(options) {}

  // Grants `id` for the ttl. False, and nothing changes, while the reference has a lease or the
  // holder is being drained.
  bool Acquire(const LeaseId<Ref>& id, absl::string_view holder, absl::Time now) {
    return !IsDraining(holder) && Grant(id, holder, now);
  }

  // For leases from before a restart, claimed by their holder or by the server that kept them: as
  // Acquire, but drained holders keep what they have, and who has this very lease has it still.
  // What is claimed waits; a clock of the hard end begins anew.
  bool Claim(const LeaseId<Ref>& id, absl::string_view holder, absl::Time now) {
    const Lease<Ref>* lease = Find(id, holder);
    if (lease != nullptr) return Renew(id, holder, lease->running, now);
    return Grant(id, holder, now);
  }

  // The lease when it is live, of this epoch and held by `holder`; null otherwise.
  const Lease<Ref>* Find(const LeaseId<Ref>& id, absl::string_view holder) const {
    const auto it = leases_.find(id.ref);
    if (it == leases_.end() || !(it->second.id == id) || it->second.holder != holder) {
      return nullptr;
    }
    return &it->second;
  }

  // Gives a lease that Find finds a full ttl and notes whether it is being worked on. False when it
  // is lost: its holder is to leave it.
  bool Renew(const LeaseId<Ref>& id, absl::string_view holder, bool running, absl::Time now) {
    if (Find(id, holder) == nullptr) return false;
    Lease<Ref>& lease = leases_.find(id.ref)->second;
    by_end_.erase({EndOf(lease), id.ref});
    if (lease.running != running) {
      Holder& owner = holders_.find(holder)->second;
      owner.progress = now;
      owner.running += running ? 1 : -1;
      lease.running = running;
      lease.running_since = running ? now : absl::InfiniteFuture();
    }
    lease.expires_at = now + options_.ttl;
    by_end_.emplace(EndOf(lease), id.ref);
    return true;
  }

  // The holder handed in something: what it has waiting is not stuck.
  void NoteProgress(absl::string_view holder, absl::Time now) {
    const auto it = holders_.find(holder);
    if (it != holders_.end()) it->second.progress = now;
  }

  // Ends the reference's lease, if any: done, or revoked. The holder learns it from Renew.
  void Release(const Ref& ref) {
    if (leases_.find(ref) != leases_.end()) Take(ref);
  }

  // Takes out every lease that has ended by `now`: in the order of their ends, then what waits
  // behind holders that are stuck.
  std::vector<EndedLease<Ref>> TakeEnded(absl::Time now) {
    std::vector<EndedLease<Ref>> ended;
    while (!by_end_.empty() && by_end_.begin()->first <= now) {
      Lease<Ref> lease = Take(Ref(by_end_.begin()->second));
      const LeaseEnd end = lease.expires_at <= now ? LeaseEnd::kExpired : LeaseEnd::kOverdue;
      ended.push_back({std::move(lease), end});
    }
    for (const Ref& ref : StuckBy(now)) ended.push_back({Take(ref), LeaseEnd::kOverdue});
    return ended;
  }

  // Takes out all that `holder` has: it is gone, or has left.
  std::vector<EndedLease<Ref>> TakeAllOf(absl::string_view holder) {
    std::vector<EndedLease<Ref>> ended;
    const auto it = holders_.find(holder);
    if (it == holders_.end()) return ended;
    const std::set<Ref> refs = it->second.refs;
    for (const Ref& ref : refs) ended.push_back({Take(ref), LeaseEnd::kExpired});
    return ended;
  }

  // A holder that is drained is granted nothing; it keeps what it holds. Remembered until taken
  // back, whether it holds something or not.
  void SetDraining(absl::string_view holder, bool draining) {
    if (draining) {
      draining_.emplace(holder);
    } else {
      draining_.erase(std::string(holder));
    }
  }
  bool IsDraining(absl::string_view holder) const {
    return draining_.find(holder) != draining_.end();
  }

  HolderLoad LoadOf(absl::string_view holder) const {
    const auto it = holders_.find(holder);
    if (it == holders_.end()) return {};
    return {static_cast<int64_t>(it->second.refs.size()), it->second.running};
  }

  size_t size() const { return leases_.size(); }

 private:
  struct Holder {
    std::set<Ref> refs;
    int64_t running = 0;
    // When it last took, began or finished something.
    absl::Time progress;
  };

  bool Grant(const LeaseId<Ref>& id, absl::string_view holder, absl::Time now) {
    Lease<Ref> lease;
    lease.id = id;
    lease.holder = std::string(holder);
    lease.expires_at = now + options_.ttl;
    const auto [it, free] = leases_.try_emplace(id.ref, std::move(lease));
    if (!free) return false;
    by_end_.emplace(EndOf(it->second), id.ref);
    Holder& owner = holders_[std::string(holder)];
    owner.refs.insert(id.ref);
    owner.progress = now;
    return true;
  }

  // When it ends, were nothing to happen any more.
  absl::Time EndOf(const Lease<Ref>& lease) const {
    return std::min(lease.expires_at, lease.running_since + options_.max_running);
  }

  // What waits with holders that have been stuck for too long.
  std::vector<Ref> StuckBy(absl::Time now) const {
    std::vector<Ref> stuck;
    for (const auto& [name, holder] : holders_) {
      if (holder.progress + options_.max_running > now) continue;
      for (const Ref& ref : holder.refs) {
        if (!leases_.find(ref)->second.running) stuck.push_back(ref);
      }
    }
    return stuck;
  }

  // There is a lease.
  Lease<Ref> Take(const Ref& ref) {
    const auto it = leases_.find(ref);
    Lease<Ref> lease = std::move(it->second);
    leases_.erase(it);
    by_end_.erase({EndOf(lease), ref});
    const auto holder = holders_.find(lease.holder);
    holder->second.refs.erase(ref);
    if (lease.running) --holder->second.running;
    if (holder->second.refs.empty()) holders_.erase(holder);
    return lease;
  }

  const LeaseOptions options_;
  absl::flat_hash_map<Ref, Lease<Ref>> leases_;
  std::set<std::pair<absl::Time, Ref>> by_end_;
  // Those that hold something.
  std::map<std::string, Holder, std::less<>> holders_;
  std::set<std::string, std::less<>> draining_;
};

}  // namespace niwaki::lease

#endif  // NIWAKI_LIBS_LEASE_LEASE_TABLE_H_
