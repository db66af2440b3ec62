#include "libs/data/example_set.h"

#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Four examples of two bytes, two of each file.
ExampleSet FourExamples() {
  ExampleSet set;
  set.class_names = {"a", "b"};
  set.channels = set.height = 1;
  set.width = 2;
  set.examples = {10, 11, 20, 21, 30, 31, 40, 41};
  set.labels = {0, 0, 1, 1};
  set.groups = {5, 6, 7, 8};
  set.names = {"a/1", "a/1", "b/2", "b/2"};
  return set;
}

TEST(KeepExamplesTest, ColumnsStayTogether) {
  ExampleSet set = FourExamples();

  const std::set<std::string> lost = KeepExamples({false, true, false, true}, set);

  EXPECT_THAT(set.examples, ElementsAre(20, 21, 40, 41));
  EXPECT_THAT(set.labels, ElementsAre(0, 1));
  EXPECT_THAT(set.groups, ElementsAre(6, 8));
  EXPECT_THAT(set.names, ElementsAre("a/1", "b/2"));
  EXPECT_THAT(set.dealing, IsEmpty());
  EXPECT_THAT(lost, IsEmpty());
}

TEST(KeepExamplesTest, FilesWithoutAnExampleAreTold) {
  ExampleSet set = FourExamples();

  EXPECT_THAT(KeepExamples({false, false, true, false}, set), ElementsAre("a/1"));
  EXPECT_EQ(set.size(), 1);
}

TEST(DropEmptyClassesTest, LabelsFollowTheirNames) {
  ExampleSet set = FourExamples();
  set.class_names = {"none", "a", "empty", "b"};
  set.labels = {1, 1, 3, 3};

  EXPECT_THAT(DropEmptyClasses(set), ElementsAre("none", "empty"));
  EXPECT_THAT(set.class_names, ElementsAre("a", "b"));
  EXPECT_THAT(set.labels, ElementsAre(0, 0, 1, 1));
}

}  // namespace
}  // namespace niwaki::data
