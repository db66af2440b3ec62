// Why candidates have no score, in the words that candidates and jobs keep.
//
// A cause that would be the same on every machine (the request itself is refused: other classes, a
// network outside the space) is kept as it was reported. What may have been the machine's fault is
// tried elsewhere, and the candidate says how often that went wrong: CANDIDATE_POISONOUS.

#ifndef NIWAKI_LIBS_JOBS_ENGINE_FAILURE_CAUSES_H_
#define NIWAKI_LIBS_JOBS_ENGINE_FAILURE_CAUSES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::jobs {

// Whether a failure of this code is one of the candidate's request, not of the machine or moment
// (RetryClass::kNever).
bool IsOfRequest(absl::StatusCode code);

// State reason of a candidate that was given up after `strikes` (names of workers, once for each
// time), the last of them for `last`.
std::string PoisonousReason(const std::vector<std::string>& strikes, absl::string_view last);

// What the worker said, without what PoisonousReason put before it.
absl::string_view CauseOf(absl::string_view candidate_reason);

// How often each cause ended a candidate of one job. Not thread-safe.
class FailureCauses {
 public:
  // Causes told apart, at most; further ones are not counted.
  static constexpr size_t kMaxCauses = 1000;

  void Add(absl::string_view candidate_reason);
  // State reason of a job none of whose candidates has a score, `failed` of which failed: how many
  // and the most frequent cause, of equals the first in the alphabet.
  std::string JobReason(int64_t failed) const;

 private:
  std::map<std::string, int64_t> counts_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_ENGINE_FAILURE_CAUSES_H_
