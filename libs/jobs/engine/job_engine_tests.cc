// The part of JobEngine that has fronts scored on the test split.

#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/tested_front.h"

namespace niwaki::jobs {
namespace {

absl::Status NotNow(absl::string_view job_id, absl::string_view field, const absl::AlphaNum& value,
                    absl::string_view limit, absl::string_view why) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("job '", job_id, "' ", why));
}

bool HasAllScores(const Job& job) {
  return job.state == JobState::kSucceeded && job.counters.scored == job.spec.max_candidates;
}

}  // namespace

absl::StatusOr<Job> JobEngine::TestFront(absl::string_view job_id, absl::Time now) {
  NIWAKI_ASSIGN_OR_RETURN(const Job job, GetJob(job_id));
  if (job.spec.tested_uid != 0) {
    return InvalidValue("name", absl::StrCat("jobs/", job_id),
                        "a job that searches, not one that scores a front on the test split");
  }
  if (!IsFinal(job.state)) {
    return NotNow(job_id, "state", JobStateName(job.state), "ended",
                  absl::StrCat("is ", JobStateName(job.state),
                               "; its front is scored on the test split once it has ended"));
  }
  if (job.counters.front_size == 0) {
    return NotNow(job_id, "front_size", 0, "at least 1", "has no network on its front");
  }
  if (const LiveJob* running = FindLive(TestJobId(job.id))) return running->job;
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Job> before, EndedTestOf(job));
  if (before.has_value() && HasAllScores(*before)) return *before;
  NIWAKI_RETURN_IF_ERROR(CheckRoom());
  if (before.has_value()) {
    rows_.DeleteJob(before->uid);
    Happened(JobDeleted{NameOf(*before)});
  }
  return Admit(TestJobOf(job), now).job;
}

absl::StatusOr<std::optional<Job>> JobEngine::EndedTestOf(const Job& job) const {
  const std::string id = TestJobId(job.id);
  if (const LiveJob* live = FindLive(id)) {
    return NotNow(id, "state", JobStateName(live->job.state), "ended",
                  absl::StrCat("still scores the front of job '", job.id, "'; cancel it first"));
  }
  return rows_.FindJob(id);
}

}  // namespace niwaki::jobs
