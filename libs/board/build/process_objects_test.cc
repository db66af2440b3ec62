#include "libs/board/build/process_objects.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

TEST(ProcessObjectsTest, KeepsObjectsForTheProcess) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/object.o");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "an object"));
  ASSERT_NE(ProcessObjects(), nullptr);
  NIWAKI_ASSERT_OK(ProcessObjects()->Keep("12ab", path));
  EXPECT_TRUE(ProcessObjects()->Take("12ab", path + ".taken"));
  EXPECT_THAT(ReadFile(path + ".taken"), IsOkAndHolds("an object"));
}

}  // namespace
}  // namespace niwaki::board
