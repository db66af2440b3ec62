#include "libs/search/algorithms/best_first.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Member> Members(const std::vector<Objectives>& objectives) {
  std::vector<Member> members;
  for (const Objectives& one : objectives) {
    Member member;
    member.slot = static_cast<int64_t>(members.size());
    member.objectives = one;
    members.push_back(member);
  }
  return members;
}

TEST(BestFirstTest, BetterFrontsComeFirst) {
  // Three fronts of one point each, by what dominates what.
  EXPECT_THAT(BestFirst(Members({{3, 3}, {1, 1}, {2, 2}})), ElementsAre(1, 2, 0));
  EXPECT_THAT(BestFirst(Members({{5}, {-1}, {2}})), ElementsAre(1, 2, 0));
}

TEST(BestFirstTest, LessCrowdedComeFirstOnAFront) {
  // On the line from (0, 10) to (10, 0): the ends first, by slot; then by the gap around.
  const std::vector<Member> members = Members({{0, 10}, {1, 9}, {2, 8}, {6, 4}, {10, 0}});

  // Gaps of the inner ones, in both objectives: 2 of 10, 5 of 10, 8 of 10.
  EXPECT_THAT(BestFirst(members), ElementsAre(0, 4, 3, 2, 1));
}

TEST(BestFirstTest, EqualsComeInTheOrderOfTheirSlots) {
  std::vector<Member> members = Members({{1}, {1}, {1}});
  EXPECT_THAT(BestFirst(members), ElementsAre(0, 2, 1));
  // Ends of a front are the first and the last; both are before what lies between.
  members = Members({{1, 1}, {1, 1}});
  members[0].slot = 9;
  EXPECT_THAT(BestFirst(members), ElementsAre(1, 0));
}

TEST(BestFirstTest, NothingHasNoOrder) { EXPECT_THAT(BestFirst({}), IsEmpty()); }

TEST(KeepBestTest, KeepsTheBestInTheirOrder) {
  std::vector<Member> members = Members({{4}, {1}, {3}, {2}});

  KeepBest(2, members);

  ASSERT_EQ(members.size(), 2);
  EXPECT_EQ(members[0].slot, 1);
  EXPECT_EQ(members[1].slot, 3);
}

TEST(KeepBestTest, FewerThanWantedAreAllKept) {
  std::vector<Member> members = Members({{4}, {1}});

  KeepBest(10, members);

  EXPECT_EQ(members.size(), 2);
  KeepBest(0, members);
  EXPECT_THAT(members, IsEmpty());
}

}  // namespace
}  // namespace niwaki::search
