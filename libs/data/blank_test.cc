#include "libs/data/blank.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/example_set.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

// 40 examples of four bytes; those at `blank` are of one colour.
ExampleSet Examples(const std::vector<int>& blank) {
  ExampleSet set;
  set.class_names = {"cat", "silence"};
  set.channels = 1;
  set.height = set.width = 2;
  for (int i = 0; i < 40; ++i) {
    set.examples.insert(set.examples.end(), {10, 10, 10, 200});
    set.labels.push_back(0);
    set.names.push_back(absl::StrCat("cat/", i));
  }
  for (int i : blank) set.examples[4 * i + 3] = 11;
  set.report.emplace();
  set.report->files = set.report->used = 40;
  return set;
}

TEST(IsBlankTest, EveryChannelIsLookedAt) {
  const std::vector<uint8_t> flat = {5, 5, 6, 200, 200, 200};
  const std::vector<uint8_t> varied = {5, 5, 5, 200, 202, 200};

  EXPECT_TRUE(IsBlank(flat, 2));
  EXPECT_FALSE(IsBlank(flat, 1));
  EXPECT_FALSE(IsBlank(varied, 2));
}

TEST(SettleBlankTest, FewAreCountedAndNamed) {
  ExampleSet set = Examples({3, 8});

  NIWAKI_ASSERT_OK(SettleBlank({}, set));

  EXPECT_EQ(set.size(), 40);
  EXPECT_EQ(set.report->blank_examples, 2);
  EXPECT_THAT(set.report->blank, ElementsAre("cat/3", "cat/8"));
}

TEST(SettleBlankTest, ManyAreAnError) {
  ExampleSet set = Examples({3, 8, 9});

  const absl::Status status = SettleBlank({}, set);

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "3 of 40 examples are silent or of one colour, the first of cat/3"));
  EXPECT_EQ(GetErrorItems(status).size(), 3);
  BlankOptions more;
  more.max_share = 0.1;
  NIWAKI_EXPECT_OK(SettleBlank(more, set));
}

TEST(SettleBlankTest, SkippedOnesCountAsBadFiles) {
  ExampleSet set = Examples({3, 8, 9});
  // Two windows of one recording: one of them has sound.
  set.names[8] = set.names[7];
  BlankOptions options;
  options.skip = true;

  NIWAKI_ASSERT_OK(SettleBlank(options, set));

  EXPECT_EQ(set.size(), 37);
  EXPECT_EQ(set.report->used, 38);
  EXPECT_EQ(set.report->bad_files, 2);
  EXPECT_EQ(set.report->bad[0].name, "cat/3");
  EXPECT_EQ(set.report->blank_examples, 3);
  EXPECT_EQ(set.report->blank_left_out, 3);
  EXPECT_THAT(set.report->blank, ElementsAre("cat/3", "cat/7", "cat/9"));
}

TEST(SettleBlankTest, ClassThatIsBlankGoes) {
  ExampleSet set = Examples({0, 1});
  set.class_names = {"cat", "lens cap"};
  set.labels[0] = set.labels[1] = 1;
  BlankOptions options;
  options.skip = true;

  NIWAKI_ASSERT_OK(SettleBlank(options, set));

  EXPECT_THAT(set.class_names, ElementsAre("cat"));
  EXPECT_THAT(set.report->notes, ElementsAre(::testing::HasSubstr("\"lens cap\"")));
}

TEST(SettleBlankTest, SilenceMayBeSilent) {
  ExampleSet set = Examples({0, 1, 2, 3, 4, 5});
  for (int i = 0; i < 6; ++i) set.labels[i] = 1;

  NIWAKI_ASSERT_OK(SettleBlank({}, set));

  EXPECT_EQ(set.report->blank_examples, 0);
}

}  // namespace
}  // namespace niwaki::data
