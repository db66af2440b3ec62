#include "libs/jobs/engine/absence_note.h"

#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/jobs/precision.h"

namespace niwaki::jobs {
namespace {

constexpr absl::string_view kPrefix = "no worker ";
// Names that are listed.
constexpr size_t kMaxNames = 3;

std::string ListNames(const std::vector<std::string>& names) {
  if (names.size() <= kMaxNames) return absl::StrJoin(names, ", ");
  const std::vector<std::string> first(names.begin(), names.begin() + kMaxNames);
  return absl::StrCat(absl::StrJoin(first, ", "), " and ", names.size() - kMaxNames, " more");
}

std::string StartOne(absl::string_view precision) {
  return absl::StrCat("start one: niwaki-worker --coordinator HOST:PORT",
                      precision == kCudaBf16 ? " --device cuda" : "");
}

}  // namespace

std::string AbsenceNote(const WorkerRegistry& workers, absl::string_view precision,
                        absl::Time now) {
  std::vector<std::string> drained;
  // That compute in something else and are there.
  std::vector<std::string> others;
  std::set<std::string> other_precisions;
  const WorkerInfo* last = nullptr;
  for (const auto& [name, info] : workers.all()) {
    const bool silent = now - info.last_seen >= WorkerRegistry::kPatience && info.load.held == 0;
    if (info.precision == precision) {
      if (info.drain_time.has_value()) {
        drained.push_back(name);
      } else if (last == nullptr || info.last_seen > last->last_seen) {
        last = &info;
      }
    } else if (!info.precision.empty() && !silent && !info.leaving &&
               !info.drain_time.has_value()) {
      others.push_back(name);
      other_precisions.insert(info.precision);
    }
  }
  const std::string head = absl::StrCat(kPrefix, "that computes in ", precision, " is there");
  if (last != nullptr && !last->trouble.empty()) {
    return absl::StrCat(head, ": '", last->name, "' ended: ", last->trouble);
  }
  if (!drained.empty()) {
    return absl::StrCat(head, ", ", ListNames(drained), drained.size() == 1 ? " is" : " are",
                        " drained; take it back: niwaki workers drain ", drained[0],
                        " --undo, and start the worker again");
  }
  if (last != nullptr) {
    return absl::StrCat(head, ", '", last->name,
                        last->leaving ? "' has ended; " : "' has not called for a minute; ",
                        StartOne(precision));
  }
  if (!others.empty()) {
    return absl::StrCat(
        head, ", but ", ListNames(others), " in ", absl::StrJoin(other_precisions, " and "), "; ",
        StartOne(precision),
        ", or submit the job with evaluation: {precision: ", *other_precisions.begin(), "}");
  }
  return absl::StrCat(head, ", none has called yet; ", StartOne(precision),
                      ", or niwaki up for a cluster on this machine");
}

std::string ProverAbsenceNote(absl::string_view precision, int64_t quantiser_version) {
  return absl::StrCat(kPrefix, "that computes in ", precision, " and proves with quantiser ",
                      quantiser_version, " is there; ", StartOne(precision),
                      " of this version, with prove among its --tasks; the front can be read, and "
                      "niwaki cancel ends the job without proofs");
}

std::string ProverKey(absl::string_view precision, int64_t quantiser_version) {
  return absl::StrCat(precision, " proves ", quantiser_version);
}

bool IsAbsenceNote(absl::string_view state_reason) {
  return absl::StartsWith(state_reason, kPrefix);
}

}  // namespace niwaki::jobs
