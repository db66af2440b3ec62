#include "libs/data/prepared/partition.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

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

constexpr std::array<double, kSplitCount> kDefaultShares = {0.78, 0.02, 0.1, 0.1};

// `sizes[c]` examples of class c.
ExampleSet ClassesOf(const std::vector<int>& sizes) {
  ExampleSet set;
  for (size_t c = 0; c < sizes.size(); ++c) {
    set.class_names.push_back(absl::StrCat("c", c));
    set.labels.insert(set.labels.end(), sizes[c], static_cast<uint16_t>(c));
  }
  return set;
}

// [class][split]
std::vector<std::array<int, kSplitCount>> CountsOf(const ExampleSet& set,
                                                   const Partition& partition) {
  std::vector<std::array<int, kSplitCount>> counts(set.class_names.size());
  for (int s = 0; s < kSplitCount; ++s) {
    for (int64_t i : partition[s]) ++counts[set.labels[i]][s];
  }
  return counts;
}

std::vector<size_t> SizesOf(const Partition& partition) {
  std::vector<size_t> sizes;
  for (const auto& split : partition) sizes.push_back(split.size());
  return sizes;
}

TEST(PartitionExamplesTest, RemaindersAreDealtOverSmallClasses) {
  const ExampleSet set = ClassesOf(std::vector<int>(50, 20));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition, PartitionExamples(set, kDefaultShares, 1));

  EXPECT_THAT(SizesOf(partition), ElementsAre(780, 20, 100, 100));
  for (const auto& counts : CountsOf(set, partition)) {
    EXPECT_TRUE(counts[0] == 15 || counts[0] == 16);
    EXPECT_LE(counts[1], 1);
    EXPECT_EQ(counts[2], 2);
    EXPECT_EQ(counts[3], 2);
  }
}

TEST(PartitionExamplesTest, SmallClassesOfAnySizeKeepTheSharesTogether) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    std::vector<int> sizes;
    double total = 0;
    for (int c = 0; c < 60; ++c) {
      sizes.push_back(6 + static_cast<int>(random.Uniform(43)));
      total += sizes.back();
    }
    const ExampleSet set = ClassesOf(sizes);

    NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition,
                                PartitionExamples(set, kDefaultShares, seed));

    for (int s = 0; s < kSplitCount; ++s) {
      EXPECT_NEAR(partition[s].size(), kDefaultShares[s] * total, 6) << "seed " << seed;
    }
    for (const auto& counts : CountsOf(set, partition)) EXPECT_GE(counts[0], 1);
  }
}

TEST(PartitionExamplesTest, RareClassesBesideLargeOnesAreScored) {
  const ExampleSet set = ClassesOf({1000, 1, 2, 3, 3, 3});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition, PartitionExamples(set, kDefaultShares, 1));

  const auto counts = CountsOf(set, partition);
  EXPECT_THAT(counts[0], ElementsAre(780, 20, 100, 100));
  EXPECT_THAT(counts[1], ElementsAre(1, 0, 0, 0));
  int validation = 0, test = 0;
  for (int c = 2; c < 6; ++c) {
    EXPECT_GE(counts[c][0], 1) << c;
    EXPECT_GE(counts[c][2] + counts[c][3], 1) << c;
    validation += counts[c][2];
    test += counts[c][3];
  }
  EXPECT_EQ(validation, 2);
  EXPECT_EQ(test, 2);
}

TEST(PartitionExamplesTest, FourExamplesFillFourSplits) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition,
                              PartitionExamples(ClassesOf({4}), kDefaultShares, 1));

  EXPECT_THAT(SizesOf(partition), ElementsAre(1, 1, 1, 1));
}

TEST(PartitionExamplesTest, SplitsOfTheSourceAreKept) {
  ExampleSet set = ClassesOf({100, 100});
  set.dealing.resize(200);
  for (int i = 0; i < 28; ++i) set.dealing[i].split = Split::kTest;
  // Dealt over all splits, though the source has a test split.
  for (int i = 192; i < 200; ++i) set.dealing[i].over_all = true;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition,
                              PartitionExamples(set, {0.5, 0.25, 0.25, 0.5}, 1));

  // 72 and 92 examples of the two classes share the three splits that have none of their own.
  const auto shared = [](int64_t i) { return i >= 28 && i < 192; };
  const int64_t expected[] = {82, 41, 41, 0};
  for (int s = 0; s < kSplitCount; ++s) {
    EXPECT_EQ(std::count_if(partition[s].begin(), partition[s].end(), shared), expected[s]);
  }
  const std::set<int64_t> test(partition[3].begin(), partition[3].end());
  for (int64_t i = 0; i < 28; ++i) EXPECT_EQ(test.count(i), 1);
  EXPECT_GT(test.size(), 28);
}

TEST(PartitionExamplesTest, ShareBelowAGroupGetsTheSmallestGroup) {
  ExampleSet set = ClassesOf({100});
  // Ten speakers of 10 clips, but one of 5 and one of 15.
  for (uint32_t i = 0; i < 100; ++i) set.groups.push_back(i < 5 ? 0 : std::max(1u, i / 10));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Partition partition, PartitionExamples(set, kDefaultShares, 4));

  EXPECT_THAT(SizesOf(partition), ::testing::Each(::testing::Ge(5)));
  std::map<uint32_t, std::set<int>> splits_of;
  for (int s = 0; s < kSplitCount; ++s) {
    for (int64_t i : partition[s]) splits_of[set.groups[i]].insert(s);
  }
  for (const auto& [group, splits] : splits_of) EXPECT_EQ(splits.size(), 1) << group;
}

TEST(PartitionExamplesTest, TooFewGroupsNameTheOption) {
  ExampleSet set = ClassesOf({100});
  for (uint32_t i = 0; i < 100; ++i) set.groups.push_back(i % 3);

  EXPECT_THAT(PartitionExamples(set, kDefaultShares, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, "--groups ignore"));
}

TEST(ClassesWithoutTest, NamesWhatASplitLacks) {
  const std::vector<std::string> names = {"a", "b", "c"};

  EXPECT_THAT(ClassesWithout(names, {1, 1}), ElementsAre("a", "c"));
  EXPECT_THAT(ClassesWithout(names, {0, 1, 2}), ElementsAre());
  EXPECT_THAT(ClassesWithout(names, {}), ElementsAre());
}

TEST(PartitionExamplesTest, FollowsTheSeed) {
  const std::array<double, kSplitCount> shares = {0.7, 0.1, 0.1, 0.1};

  EXPECT_EQ(*PartitionExamples(TwoClasses(), shares, 5),
            *PartitionExamples(TwoClasses(), shares, 5));
  EXPECT_NE(*PartitionExamples(TwoClasses(), shares, 5),
            *PartitionExamples(TwoClasses(), shares, 6));
  const ExampleSet small = ClassesOf(std::vector<int>(50, 20));
  EXPECT_EQ(*PartitionExamples(small, shares, 5), *PartitionExamples(small, shares, 5));
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
