#include "libs/jobs/candidate_ref.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobs {
namespace {

using ::testing::Eq;

// Workers keep these texts and the log of answered requests holds them: the form never changes.
TEST(CandidateRefTest, LeaseIdKeepsItsTextForm) {
  const LeaseId id = {{12, 345}, 6};

  EXPECT_EQ(id.ToString(), "l12-345-6");
  EXPECT_THAT(LeaseId::Parse("l12-345-6"), IsOkAndHolds(Eq(id)));
  EXPECT_THAT(LeaseId::Parse("l0-345-6"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kLeaseUnknown));
}

TEST(CandidateRefTest, CandidatesSortByJobAndSlot) {
  EXPECT_LT((CandidateRef{1, 9}), (CandidateRef{2, 0}));
  EXPECT_LT((CandidateRef{1, 8}), (CandidateRef{1, 9}));
}

}  // namespace
}  // namespace niwaki::jobs
