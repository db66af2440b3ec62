#include "libs/data/prepared/partition.h"

#include <algorithm>
#include <map>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

// 1000 examples of class 0, 100 of class 1.
ExampleSet TwoClasses() {
  ExampleSet set;
  set.class_names = {"many", "few"};
  set.labels.assign(1100, 0);
  std::fill(set.labels.begin() + 1000, set.labels.end(), 1);
  return set;
}

TEST(PartitionExamplesTest, EveryExampleIsInOneSplit) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition,
                              PartitionExamples(TwoClasses(), {0.7, 0.1, 0.1, 0.1}, 1));

  std::set<int64_t> seen;
  for (const auto& split : partition) seen.insert(split.begin(), split.end());
  EXPECT_EQ(seen.size(), 1100);
  EXPECT_EQ(partition[0].size() + partition[1].size() + partition[2].size() + partition[3].size(),
            1100);
}

TEST(PartitionExamplesTest, EverySplitHasTheProportionsOfTheClasses) {
  const ExampleSet set = TwoClasses();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition,
                              PartitionExamples(set, {0.7, 0.1, 0.15, 0.05}, 1));

  const int64_t expected[] = {70, 10, 15, 5};
  for (int s = 0; s < kSplitCount; ++s) {
    const int64_t few = std::count_if(partition[s].begin(), partition[s].end(),
                                      [&set](int64_t i) { return set.labels[i] == 1; });
    EXPECT_EQ(few, expected[s]);
    EXPECT_EQ(partition[s].size(), 11 * expected[s]);
  }
}

TEST(PartitionExamplesTest, GroupsStayTogether) {
  ExampleSet set = TwoClasses();
  for (int i = 0; i < 1100; ++i) set.groups.push_back(i * 7 % 83);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition,
                              PartitionExamples(set, {0.6, 0.1, 0.1, 0.2}, 3));

  std::map<uint32_t, std::set<int>> splits_of;
  for (int s = 0; s < kSplitCount; ++s) {
    for (int64_t i : partition[s]) splits_of[set.groups[i]].insert(s);
  }
  EXPECT_EQ(splits_of.size(), 83);
  for (const auto& [group, splits] : splits_of) EXPECT_EQ(splits.size(), 1) << group;
  EXPECT_NEAR(partition[0].size(), 660, 30);
}

TEST(PartitionExamplesTest, FollowsTheSeed) {
  const std::array<double, kSplitCount> shares = {0.7, 0.1, 0.1, 0.1};

  EXPECT_EQ(*PartitionExamples(TwoClasses(), shares, 5),
            *PartitionExamples(TwoClasses(), shares, 5));
  EXPECT_NE(*PartitionExamples(TwoClasses(), shares, 5),
            *PartitionExamples(TwoClasses(), shares, 6));
}

TEST(PartitionExamplesTest, TooFewExamplesAreRefused) {
  ExampleSet set;
  set.class_names = {"one"};
  set.labels = {0, 0};

  EXPECT_THAT(PartitionExamples(set, {0.7, 0.1, 0.1, 0.1}, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, "too few examples (2)"));
}

}  // namespace
}  // namespace niwaki::data
