#include "libs/jobs/lease_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobs {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromUnixSeconds(1000);
const CandidateRef kFirst = {1, 0};
const CandidateRef kSecond = {1, 1};

TEST(LeaseIdTest, TextReadsBack) {
  const LeaseId id = {{12, 345}, 6};
  EXPECT_EQ(id.ToString(), "l12-345-6");
  EXPECT_THAT(LeaseId::Parse("l12-345-6"), IsOkAndHolds(Eq(id)));
}

TEST(LeaseIdTest, MadeUpTextIsRefused) {
  for (const char* text : {"", "l", "12-345-6", "l1-2", "l1-2-3-4", "lx-2-3", "l1-2-0", "l0-2-3",
                           "l01-2-3", "l1-2-3 ", "l1--2-3", "l1-2-99999999999999999999"}) {
    EXPECT_THAT(LeaseId::Parse(text),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kLeaseUnknown))
        << text;
  }
}

TEST(LeaseTableTest, CandidateHasOneLeaseAtMost) {
  LeaseTable table;

  EXPECT_TRUE(table.Acquire({kFirst, 1}, "a", kStart));
  EXPECT_FALSE(table.Acquire({kFirst, 2}, "b", kStart));

  EXPECT_NE(table.Find({kFirst, 1}, "a"), nullptr);
  EXPECT_EQ(table.Find({kFirst, 2}, "b"), nullptr);
}

TEST(LeaseTableTest, FindWantsEpochAndWorker) {
  LeaseTable table;
  table.Acquire({kFirst, 2}, "a", kStart);

  EXPECT_EQ(table.Find({kFirst, 1}, "a"), nullptr);
  EXPECT_EQ(table.Find({kFirst, 2}, "b"), nullptr);
  EXPECT_EQ(table.Find({kSecond, 2}, "a"), nullptr);
}

TEST(LeaseTableTest, ExpiredLeasesComeInOrderOfTheirEnds) {
  LeaseTable table;
  table.Acquire({kFirst, 1}, "a", kStart + absl::Seconds(2));
  table.Acquire({kSecond, 1}, "b", kStart + absl::Seconds(1));

  EXPECT_THAT(table.Expire(kStart), IsEmpty());
  EXPECT_EQ(table.next_expiry(), kStart + absl::Seconds(1));
  const std::vector<Lease> expired = table.Expire(kStart + absl::Seconds(2));

  ASSERT_THAT(expired, SizeIs(2));
  EXPECT_EQ(expired[0].worker, "b");
  EXPECT_EQ(expired[1].worker, "a");
  EXPECT_EQ(table.size(), 0);
  EXPECT_EQ(table.next_expiry(), absl::InfiniteFuture());
}

TEST(LeaseTableTest, ExtendedLeaseOutlivesItsFirstEnd) {
  LeaseTable table;
  table.Acquire({kFirst, 1}, "a", kStart);

  EXPECT_TRUE(table.Extend({kFirst, 1}, "a", /*running=*/true, kStart + absl::Seconds(5)));

  EXPECT_THAT(table.Expire(kStart + absl::Seconds(4)), IsEmpty());
  const std::vector<Lease> expired = table.Expire(kStart + absl::Seconds(5));
  ASSERT_THAT(expired, SizeIs(1));
  EXPECT_TRUE(expired[0].running);
}

TEST(LeaseTableTest, LostLeaseCannotBeExtended) {
  LeaseTable table;
  table.Acquire({kFirst, 1}, "a", kStart);
  table.Expire(kStart);

  EXPECT_FALSE(table.Extend({kFirst, 1}, "a", false, kStart + absl::Seconds(5)));
}

TEST(LeaseTableTest, ReleasedCandidateIsFree) {
  LeaseTable table;
  table.Acquire({kFirst, 1}, "a", kStart);

  table.Release(kFirst);
  table.Release(kSecond);

  EXPECT_THAT(table.Expire(kStart), IsEmpty());
  EXPECT_TRUE(table.Acquire({kFirst, 2}, "b", kStart));
}

}  // namespace
}  // namespace niwaki::jobs
