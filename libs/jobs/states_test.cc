// The transition tables of Job and Candidate, cell by cell.

#include <vector>

#include "gtest/gtest.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/job.h"

namespace niwaki::jobs {
namespace {

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

TEST(CandidateStateTest, TransitionsAreThoseOfTheDiagram) {
  using S = CandidateState;
  const std::vector<S> all = {S::kPending, S::kLeased, S::kScored, S::kInfeasible, S::kFailed};
  const bool expected[5][5] = {
      {false, true, true, false, false},   {true, false, true, false, true},
      {false, false, false, false, false}, {false, false, false, false, false},
      {false, false, false, false, false},
  };

  for (size_t from = 0; from < all.size(); ++from) {
    for (size_t to = 0; to < all.size(); ++to) {
      EXPECT_EQ(MayBecome(all[from], all[to]), expected[from][to])
          << CandidateStateName(all[from]) << " to " << CandidateStateName(all[to]);
    }
    EXPECT_EQ(IsOutcome(all[from]), from >= 2);
  }
}

TEST(JobTest, EtagChangesWithTheVersion) {
  Job job;
  job.uid = 3;
  const std::string before = job.etag();
  ++job.version;
  EXPECT_NE(job.etag(), before);
}

}  // namespace
}  // namespace niwaki::jobs
