#include "libs/search/algorithms/generation.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"

namespace niwaki::search {
namespace {

Outcome Scored(double objective) { return {Outcome::Kind::kScored, {objective}}; }

TEST(GenerationTest, EndsWithItsLastOutcome) {
  const arch::Subnet subnet = arch::MinSubnet(*arch::CatalogueSpace("kws"));
  Generation generation(3, 1);

  EXPECT_FALSE(generation.Add(0, subnet, Scored(3)));
  EXPECT_FALSE(generation.Add(1, subnet, Scored(1)));
  EXPECT_TRUE(generation.Add(2, subnet, Scored(2)));

  const std::vector<Member> members = generation.TakeMembers();
  ASSERT_EQ(members.size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(members[i].slot, i);
  EXPECT_THAT(members[1].objectives, testing::ElementsAre(1));
  EXPECT_THAT(generation.TakeMembers(), testing::IsEmpty());
  EXPECT_FALSE(generation.Add(3, subnet, Scored(0)));
  EXPECT_EQ(generation.told(), 4);
}

TEST(GenerationTest, WhatWasNotScoredFillsItButIsNoMember) {
  const arch::Subnet subnet = arch::MinSubnet(*arch::CatalogueSpace("kws"));
  Generation generation(3, 1);

  EXPECT_FALSE(generation.Add(0, subnet, {Outcome::Kind::kInfeasible, {}}));
  EXPECT_FALSE(generation.Add(1, subnet, Scored(1)));
  EXPECT_TRUE(generation.Add(2, subnet, {Outcome::Kind::kFailed, {}}));

  const std::vector<Member> members = generation.TakeMembers();
  ASSERT_EQ(members.size(), 1);
  EXPECT_EQ(members[0].slot, 1);
}

TEST(GenerationTest, EndedAfterCountsWholeGenerations) {
  const Generation generation(3, 1);

  EXPECT_EQ(generation.EndedAfter(0), 0);
  EXPECT_EQ(generation.EndedAfter(2), 0);
  EXPECT_EQ(generation.EndedAfter(3), 1);
  EXPECT_EQ(generation.EndedAfter(7), 2);
}

}  // namespace
}  // namespace niwaki::search
