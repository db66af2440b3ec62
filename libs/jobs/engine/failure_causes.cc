#include "libs/jobs/engine/failure_causes.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/reason.h"
#include "libs/base/retry_class.h"

namespace niwaki::jobs {
namespace {

constexpr char kLast[] = ", last: ";

std::string Count(int64_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace

bool IsOfRequest(absl::StatusCode code) { return RetryClassOf(code) == RetryClass::kNever; }

std::string PoisonousReason(const std::vector<std::string>& strikes, absl::string_view last) {
  const std::set<absl::string_view> workers(strikes.begin(), strikes.end());
  return absl::StrCat(reason::kCandidatePoisonous, ": failed ", Count(strikes.size(), "time"),
                      " on ", Count(workers.size(), "worker"), kLast, last);
}

absl::string_view CauseOf(absl::string_view candidate_reason) {
  if (!absl::StartsWith(candidate_reason, reason::kCandidatePoisonous)) return candidate_reason;
  const size_t last = candidate_reason.find(kLast);
  if (last == absl::string_view::npos) return candidate_reason;
  return candidate_reason.substr(last + sizeof(kLast) - 1);
}

void FailureCauses::Add(absl::string_view candidate_reason) {
  const std::string cause(CauseOf(candidate_reason));
  if (counts_.size() < kMaxCauses || counts_.count(cause) > 0) ++counts_[cause];
}

std::string FailureCauses::JobReason(int64_t failed) const {
  std::string text = failed == 1 ? std::string("the only candidate could not be scored")
                                 : absl::StrCat("none of ", failed, " candidates could be scored");
  const auto most =
      std::max_element(counts_.begin(), counts_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == counts_.end()) return text;
  if (most->second < failed) {
    absl::StrAppend(&text, "; the most frequent cause, ", Count(most->second, "time"));
  }
  return absl::StrCat(text, ": ", most->first);
}

}  // namespace niwaki::jobs
