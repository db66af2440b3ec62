#include "services/cli/show/job_watch.h"

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/client/coordinator_client.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/interrupt.h"
#include "services/cli/show/job_text.h"

namespace niwaki::cli {
namespace {

constexpr absl::Duration kRedrawInterval = absl::Milliseconds(200);
// How long an interrupted watch waits for its thread before it is left behind.
constexpr absl::Duration kStopGrace = absl::Milliseconds(300);

// What the following thread and the drawing one share. Thread-safe.
class WatchState {
 public:
  // Whether more is wanted.
  bool OnChange(const v1::Job& job) {
    absl::MutexLock lock(&mutex_);
    latest_ = job;
    away_ = false;
    return !stopped_;
  }

  void OnAway() {
    absl::MutexLock lock(&mutex_);
    away_ = true;
  }

  void OnEnd(absl::StatusOr<v1::Job> result) {
    absl::MutexLock lock(&mutex_);
    result_ = std::move(result);
  }

  void Stop() {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }

  // Waits up to `timeout` for the end; the result once it is there.
  std::optional<absl::StatusOr<v1::Job>> Await(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &WatchState::ended), timeout);
    return result_;
  }

  // With a word in its reason while the coordinator is silent.
  std::optional<v1::Job> latest() {
    absl::MutexLock lock(&mutex_);
    std::optional<v1::Job> job = latest_;
    if (away_ && job.has_value() && !job->has_end_time()) {
      job->set_state_reason("the coordinator does not answer, trying again");
    }
    return job;
  }

 private:
  bool ended() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return result_.has_value(); }

  absl::Mutex mutex_;
  std::optional<v1::Job> latest_ ABSL_GUARDED_BY(mutex_);
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::StatusOr<v1::Job>> result_ ABSL_GUARDED_BY(mutex_);
};

void Show(const std::optional<v1::Job>& job, ProgressBar* bar) {
  if (!job.has_value()) return;
  std::optional<absl::Duration> remaining;
  if (job->progress().has_remaining()) {
    remaining = absl::Seconds(job->progress().remaining().seconds());
  }
  bar->SetRemaining(remaining);
  bar->Update(DoneSlots(job->progress()), AllSlots(*job), ProgressNote(*job));
}

absl::Status Interrupted(const std::string& name) {
  return absl::CancelledError(absl::StrCat("interrupted; ", name, " goes on, come back with: ",
                                           "niwaki watch ", jobfile::ResourceId(name)));
}

}  // namespace

absl::StatusOr<v1::Job> FollowJob(Session& session, const std::string& name, bool aside) {
  NIWAKI_ASSIGN_OR_RETURN(const std::shared_ptr<client::CoordinatorClient> coordinator,
                          session.Coordinator());
  // Shared: where the coordinator stays silent after Ctrl-C the thread outlives this function.
  const auto state = std::make_shared<WatchState>();
  Interrupt interrupt;
  std::thread follower([state, coordinator, name] {
    state->OnEnd(coordinator->WatchJob(
        name, [&state](const v1::Job& job) { return state->OnChange(job); },
        [&state](const absl::Status&) { state->OnAway(); }));
  });

  const std::string label = jobfile::ResourceId(name);
  ProgressBar bar(aside ? session.SideProgress(label) : session.MainProgress(label));
  std::optional<absl::StatusOr<v1::Job>> result;
  while (!result.has_value() && !interrupt.requested() && session.out_is_read()) {
    result = state->Await(kRedrawInterval);
    Show(state->latest(), &bar);
  }
  bar.Finish();
  if (!result.has_value()) {
    state->Stop();
    if (state->Await(kStopGrace).has_value()) {
      follower.join();
    } else {
      follower.detach();
    }
    return Interrupted(name);
  }
  follower.join();
  return *std::move(result);
}

absl::Status FollowTest(Session& session, const std::string& test_job) {
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(session, test_job, /*aside=*/true));
  NIWAKI_RETURN_IF_ERROR(JobOutcome(job));
  if (job.progress().failed() == 0) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  std::string why;
  NIWAKI_RETURN_IF_ERROR(coordinator->ForEachCandidate(test_job, v1::CANDIDATE_STATE_FAILED,
                                                       [&why](const v1::Candidate& candidate) {
                                                         why = candidate.state_reason();
                                                         return false;
                                                       }));
  NIWAKI_RETURN_IF_ERROR(TestOutcome(job, why));
  session.err() << job.progress().failed() << " of " << job.spec().max_candidates()
                << " networks have no score on the test split: " << why << "\n";
  return absl::OkStatus();
}

absl::Status TestOutcome(const v1::Job& job, absl::string_view why) {
  if (job.progress().scored() > 0 || job.progress().failed() == 0) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, reason::kJobNotRunning)
      .Field("scored")
      .Value(0)
      .Limit(job.spec().max_candidates())
      .Message(absl::StrCat(job.name(), ": no network has a score on the test split: ", why));
}

absl::Status FollowOwnTest(Session& session, const v1::Job& job) {
  if (!job.spec().test_front() || job.state() != v1::JOB_STATE_SUCCEEDED) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const client::Front front, coordinator->GetFront(job.name()));
  return front.test_job.empty() ? absl::OkStatus() : FollowTest(session, front.test_job);
}

absl::Status JobOutcome(const v1::Job& job) {
  if (job.state() == v1::JOB_STATE_SUCCEEDED) return absl::OkStatus();
  std::string message = absl::StrCat(job.name(), " ended ", StateName(job.state()));
  if (!job.state_reason().empty()) absl::StrAppend(&message, ": ", job.state_reason());
  return Error(absl::StatusCode::kInternal, reason::kJobNotRunning)
      .Field("state")
      .Value(StateName(job.state()))
      .Message(message);
}

}  // namespace niwaki::cli
