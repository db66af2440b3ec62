// LeaseTable: who may score what until when. Pure: time is passed in.

#ifndef NIWAKI_LIBS_JOBS_LEASE_TABLE_H_
#define NIWAKI_LIBS_JOBS_LEASE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace niwaki::jobs {

// One candidate, for ever: uids of jobs are never given twice.
struct CandidateRef {
  int64_t job_uid = 0;
  int64_t slot = 0;

  friend bool operator==(const CandidateRef& a, const CandidateRef& b) {
    return a.job_uid == b.job_uid && a.slot == b.slot;
  }
  friend bool operator<(const CandidateRef& a, const CandidateRef& b) {
    return a.job_uid != b.job_uid ? a.job_uid < b.job_uid : a.slot < b.slot;
  }
  template <typename H>
  friend H AbslHashValue(H h, const CandidateRef& r) {
    return H::combine(std::move(h), r.job_uid, r.slot);
  }
};

// A lease is named by its candidate and its epoch, so its id is unique for ever and needs no table
// to be understood long after the lease is gone. Text form: "l<job uid>-<slot>-<epoch>".
struct LeaseId {
  CandidateRef candidate;
  int64_t epoch = 0;

  std::string ToString() const;
  // InvalidArgument with reason LEASE_UNKNOWN for text that is not a lease id.
  static absl::StatusOr<LeaseId> Parse(absl::string_view text);

  friend bool operator==(const LeaseId& a, const LeaseId& b) {
    return a.candidate == b.candidate && a.epoch == b.epoch;
  }
};

struct Lease {
  LeaseId id;
  std::string worker;
  absl::Time expires_at;
  // The worker said that it is scoring this one now.
  bool running = false;
};

// At most one lease for each candidate. Not thread-safe.
class LeaseTable {
 public:
  // Grants `id` until `expires_at`. False, and nothing changes, while the candidate has a lease.
  bool Acquire(const LeaseId& id, absl::string_view worker, absl::Time expires_at);

  // The lease when it is live, of this epoch and held by `worker`; null otherwise.
  const Lease* Find(const LeaseId& id, absl::string_view worker) const;

  // Moves the end of a lease that Find finds, and notes whether it is running. False when lost.
  bool Extend(const LeaseId& id, absl::string_view worker, bool running, absl::Time expires_at);

  // Ends the candidate's lease, if any.
  void Release(const CandidateRef& candidate);

  // Takes out every lease whose end is at or before `now`, in order of their ends.
  std::vector<Lease> Expire(absl::Time now);

  // End of the lease that ends first; InfiniteFuture when there is none.
  absl::Time next_expiry() const;

  size_t size() const { return leases_.size(); }

 private:
  absl::flat_hash_map<CandidateRef, Lease> leases_;
  std::set<std::pair<absl::Time, CandidateRef>> by_expiry_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_LEASE_TABLE_H_
