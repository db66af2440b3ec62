#include "libs/data/split_lists.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(SplitListsTest, LinesAreReadAsEditorsWriteThem) {
  SplitLists lists;

  AppendSplitList(
      "\xEF\xBB\xBF"
      "yes/a.wav\r\n\r\n  ./no/b b.wav \nno\\c.wav",
      Split::kTest, lists);

  EXPECT_THAT(lists.splits,
              ElementsAre(Pair("no/b b.wav", Split::kTest), Pair("no/c.wav", Split::kTest),
                          Pair("yes/a.wav", Split::kTest)));
}

TEST(SplitListsTest, FirstListWins) {
  SplitLists lists;

  AppendSplitList("yes/a.wav\n", Split::kTest, lists);
  AppendSplitList("yes/a.wav\nyes/b.wav\n", Split::kValidation, lists);

  EXPECT_THAT(lists.splits,
              ElementsAre(Pair("yes/a.wav", Split::kTest), Pair("yes/b.wav", Split::kValidation)));
}

TEST(SplitListsTest, OneListOrNoneMayBeThere) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  NIWAKI_ASSERT_OK(MakeFolders(folder));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SplitLists none, ReadSplitLists(folder));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/testing_list.txt", "a/b.wav\n"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SplitLists one, ReadSplitLists(folder));

  EXPECT_FALSE(none.has_testing || none.has_validation);
  EXPECT_TRUE(one.has_testing);
  EXPECT_FALSE(one.has_validation);
  EXPECT_EQ(one.splits.size(), 1);
}

}  // namespace
}  // namespace niwaki::data
