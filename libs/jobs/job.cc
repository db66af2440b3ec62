#include "libs/jobs/job.h"

#include "absl/strings/str_cat.h"

namespace niwaki::jobs {

absl::string_view JobStateName(JobState state) {
  switch (state) {
    case JobState::kQueued:
      return "QUEUED";
    case JobState::kRunning:
      return "RUNNING";
    case JobState::kPaused:
      return "PAUSED";
    case JobState::kSucceeded:
      return "SUCCEEDED";
    case JobState::kFailed:
      return "FAILED";
    case JobState::kCancelled:
      return "CANCELLED";
  }
  return "UNKNOWN";
}

bool IsFinal(JobState state) {
  return state == JobState::kSucceeded || state == JobState::kFailed ||
         state == JobState::kCancelled;
}

bool MayBecome(JobState from, JobState to) {
  if (IsFinal(from) || from == to) return false;
  if (IsFinal(to)) return true;
  if (to == JobState::kQueued) return false;
  return true;
}

std::string Job::etag() const { return absl::StrCat(absl::Hex(uid), "-", absl::Hex(version)); }

}  // namespace niwaki::jobs
