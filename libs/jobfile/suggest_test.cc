#include "libs/jobfile/suggest.h"

#include "gmock/gmock.h"

namespace niwaki::jobfile {
namespace {

TEST(SuggestTest, EditDistanceCountsSteps) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("abc", ""), 3);
  EXPECT_EQ(EditDistance("objectivs", "objectives"), 1);
  EXPECT_EQ(EditDistance("sead", "seed"), 1);
  EXPECT_EQ(EditDistance("sede", "seed"), 1);
  EXPECT_EQ(EditDistance("SEED", "seed"), 0);
}

TEST(SuggestTest, ClosestNameIsNearOrNothing) {
  const std::vector<std::string> kNames = {"supernet", "seed", "device", "objectives"};

  EXPECT_EQ(ClosestName("objective", kNames), "objectives");
  EXPECT_EQ(ClosestName("supernett", kNames), "supernet");
  EXPECT_EQ(ClosestName("devcie", kNames), "device");
  EXPECT_EQ(ClosestName("population", kNames), "");
  EXPECT_EQ(ClosestName(std::string(100000, 'a'), kNames), "");
}

}  // namespace
}  // namespace niwaki::jobfile
