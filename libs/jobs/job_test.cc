#include "libs/jobs/job.h"

#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace niwaki::jobs {
namespace {

// The transition table, cell by cell.
TEST(JobStateTest, TransitionsAreThoseOfTheDiagram) {
  using S = JobState;
  const std::vector<S> all = {S::kQueued,    S::kRunning, S::kPaused,
                              S::kSucceeded, S::kFailed,  S::kCancelled};
  // Rows: from; columns: to; in the order of `all`.
  const bool expected[6][6] = {
      {false, true, true, true, true, true},      {false, false, true, true, true, true},
      {false, true, false, true, true, true},     {false, false, false, false, false, false},
      {false, false, false, false, false, false}, {false, false, false, false, false, false},
  };

  for (size_t from = 0; from < all.size(); ++from) {
    for (size_t to = 0; to < all.size(); ++to) {
      EXPECT_EQ(MayBecome(all[from], all[to]), expected[from][to])
          << JobStateName(all[from]) << " to " << JobStateName(all[to]);
    }
    EXPECT_EQ(IsFinal(all[from]), from >= 3);
  }
}

TEST(JobTest, EtagChangesWithTheVersion) {
  Job job;
  job.uid = 3;
  const std::string before = job.etag();
  ++job.version;
  EXPECT_NE(job.etag(), before);
}

TEST(JobTest, StatesHaveDifferentNames) {
  std::set<absl::string_view> names;
  for (int state = 1; state <= static_cast<int>(JobState::kCancelled); ++state) {
    names.insert(JobStateName(static_cast<JobState>(state)));
  }

  EXPECT_EQ(names.size(), 6);
}

TEST(JobTest, ScoringDependsOnWhatScoresDependOn) {
  Job job;
  job.supernet_digest = "a";
  const auto before = job.scoring();
  job.id = "another name";
  job.spec.seed = 17;
  EXPECT_EQ(job.scoring(), before);

  Job other = job;
  other.supernet_digest = "b";
  EXPECT_NE(other.scoring(), before);
  other = job;
  ++other.spec.evaluation.evaluation_images;
  EXPECT_NE(other.scoring(), before);
}

}  // namespace
}  // namespace niwaki::jobs
