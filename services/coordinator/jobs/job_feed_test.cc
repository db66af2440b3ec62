#include "services/coordinator/jobs/job_feed.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;

jobs::CommittedChanges Changed(int64_t uid, int64_t version) {
  jobs::CommittedChanges changes;
  jobs::Job job;
  job.uid = uid;
  job.version = version;
  job.remaining = absl::Seconds(version);
  changes.rows.jobs.emplace(uid, job);
  return changes;
}

class JobFeedTest : public ::testing::Test {
 protected:
  int64_t Watch(int64_t uid) {
    return feed_.Watch(uid, [this, uid](const jobs::Job* job) {
      heard_.push_back(job == nullptr ? absl::StrCat(uid, " ended")
                                      : absl::StrCat(uid, " version ", job->version));
    });
  }

  std::optional<absl::Duration> RemainingOf(int64_t uid) {
    jobs::Job job;
    job.uid = uid;
    feed_.Complete(job);
    return job.remaining;
  }

  JobFeed feed_;
  std::vector<std::string> heard_;
};

TEST_F(JobFeedTest, WatchersHearTheirJobsChangesInOrder) {
  Watch(1);
  Watch(2);

  feed_.OnCommitted(Changed(1, 5));
  feed_.OnCommitted(Changed(3, 1));
  feed_.OnCommitted(Changed(1, 6));
  feed_.OnCommitted(Changed(2, 1));

  EXPECT_THAT(heard_, ElementsAre("1 version 5", "1 version 6", "2 version 1"));
}

TEST_F(JobFeedTest, UnwatchedHearsNothingMore) {
  const int64_t id = Watch(1);

  feed_.Unwatch(id);
  feed_.OnCommitted(Changed(1, 5));
  feed_.Close();

  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(JobFeedTest, DeletedJobEndsItsWatches) {
  Watch(1);
  Watch(2);
  feed_.OnCommitted(Changed(1, 5));
  jobs::CommittedChanges deletion;
  deletion.rows.deleted_jobs.insert(1);

  feed_.OnCommitted(deletion);

  EXPECT_THAT(heard_, ElementsAre("1 version 5", "1 ended"));
  EXPECT_EQ(RemainingOf(1), std::nullopt);
}

TEST_F(JobFeedTest, TroubleIsTheReasonOfLiveJobsAndToldToWatchers) {
  std::vector<std::string> troubles;
  const auto note = [&troubles](const std::string& trouble) { troubles.push_back(trouble); };
  feed_.Watch(
      1, [](const jobs::Job*) {}, note);
  jobs::Job live;
  live.state_reason = "nobody works";
  jobs::Job ended;
  ended.state = jobs::JobState::kFailed;
  ended.state_reason = "as it ended";

  feed_.SetTrouble("the disk is full");
  feed_.SetTrouble("the disk is full");
  feed_.Watch(
      2, [](const jobs::Job*) {}, note);
  feed_.Complete(live);
  feed_.Complete(ended);

  EXPECT_THAT(troubles, ElementsAre("the disk is full", "the disk is full"));
  EXPECT_EQ(live.state_reason, "the disk is full");
  EXPECT_EQ(ended.state_reason, "as it ended");
  feed_.SetTrouble("");
  EXPECT_THAT(troubles, ElementsAre("the disk is full", "the disk is full", "", ""));
}

TEST_F(JobFeedTest, ClosedFeedEndsEveryWatch) {
  Watch(1);
  feed_.Close();
  Watch(2);

  EXPECT_THAT(heard_, ElementsAre("1 ended", "2 ended"));
}

TEST_F(JobFeedTest, RemainingTimeIsThatOfTheLastChange) {
  EXPECT_THAT(RemainingOf(1), Eq(std::nullopt));
  feed_.OnCommitted(Changed(1, 5));
  EXPECT_THAT(RemainingOf(1), Optional(absl::Seconds(5)));
  jobs::CommittedChanges paused = Changed(1, 6);
  paused.rows.jobs.at(1).remaining.reset();
  feed_.OnCommitted(paused);
  EXPECT_THAT(RemainingOf(1), Eq(std::nullopt));
}

}  // namespace
}  // namespace niwaki::coordinator
