#include "libs/data/prepared/twins.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

// One-channel pictures of two pixels, 0 and the value; a value of 0 is blank.
ExampleSet Pictures(const std::vector<uint8_t>& values) {
  ExampleSet set;
  set.class_names = {"cat", "big dog"};
  set.channels = set.height = 1;
  set.width = 2;
  for (size_t i = 0; i < values.size(); ++i) {
    set.examples.push_back(0);
    set.examples.push_back(values[i]);
    set.labels.push_back(0);
    set.names.push_back("cat/" + std::to_string(i));
  }
  return set;
}

Partition Dealt(std::vector<int64_t> train, std::vector<int64_t> validation,
                std::vector<int64_t> test) {
  Partition partition;
  partition[static_cast<int>(Split::kTrain)] = std::move(train);
  partition[static_cast<int>(Split::kValidation)] = std::move(validation);
  partition[static_cast<int>(Split::kTest)] = std::move(test);
  return partition;
}

TEST(TwinFinderTest, EqualExamplesInTwoSplitsAreCountedAndNamed) {
  ExampleSet set = Pictures({10, 20, 10, 30, 10});
  set.labels[4] = 1;
  TwinFinder twins;

  twins.Add(set, Dealt({0, 1}, {2, 3}, {4}), "training");

  SourceReport report;
  twins.FillIn(report);
  EXPECT_EQ(report.across_splits, 2);
  EXPECT_THAT(report.across_splits_examples,
              ElementsAre("cat/2 (validation) = cat/0 (train)",
                          "cat/4 (test, \"big dog\") = cat/0 (train, cat)"));
}

TEST(TwinFinderTest, OneSplitAndBlankExamplesAreNoFault) {
  TwinFinder twins;

  twins.Add(Pictures({10, 10, 0, 0}), Dealt({0, 1, 2}, {3}, {}), "training");

  SourceReport report;
  twins.FillIn(report);
  EXPECT_EQ(report.across_splits, 0);
}

TEST(TwinFinderTest, SetsWithoutNamesAndPreparedFilesAreNamedByNumber) {
  ExampleSet train = Pictures({10, 20});
  train.names.clear();
  ExampleSet test = Pictures({20});
  test.names.clear();
  const std::vector<uint8_t> examples = {0, 10};
  TwinFinder twins;

  twins.Add(train, Dealt({0, 1}, {}, {}), "training");
  twins.Add(test, Dealt({}, {}, {0}), "test");
  twins.AddPrepared(examples, std::vector<uint16_t>{0}, {"cat"}, 1, Split::kValidation, "a.nwd");

  SourceReport report;
  twins.FillIn(report);
  EXPECT_THAT(report.across_splits_examples,
              ElementsAre("\"test example 0\" (test) = \"training example 1\" (train)",
                          "\"example 0 of a.nwd\" (validation) = \"training example 0\" (train)"));
}

}  // namespace
}  // namespace niwaki::data
