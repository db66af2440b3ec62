// CandidateRef: the name of one candidate, for ever; LeaseId: that of a lease of one.

#ifndef NIWAKI_LIBS_JOBS_CANDIDATE_REF_H_
#define NIWAKI_LIBS_JOBS_CANDIDATE_REF_H_

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "libs/lease/lease_id.h"

namespace niwaki::jobs {

// Uids of jobs are 1 or more and never given twice.
struct CandidateRef {
  int64_t job_uid = 0;
  int64_t slot = 0;

  // For libs/lease: ids of leases read "l<job uid>-<slot>-<epoch>".
  static constexpr char kLeaseLetter = 'l';
  std::array<int64_t, 2> ToNumbers() const { return {job_uid, slot}; }
  static std::optional<CandidateRef> FromNumbers(const std::array<int64_t, 2>& numbers) {
    if (numbers[0] < 1) return std::nullopt;
    return CandidateRef{numbers[0], numbers[1]};
  }

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

using LeaseId = lease::LeaseId<CandidateRef>;

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_CANDIDATE_REF_H_
