#include "libs/base/text/text_file.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(TextFileTest, ByteOrderMarkIsDropped) {
  EXPECT_THAT(TextOf("\xEF\xBB\xBF"
                     "a: 1\n",
                     "f"),
              IsOkAndHolds("a: 1\n"));
  EXPECT_THAT(TextOf("\xEF\xBB\xBF", "f"), IsOkAndHolds(""));
  // Only the first one is a mark.
  EXPECT_THAT(TextOf("\xEF\xBB\xBF\xEF\xBB\xBF", "f"), IsOkAndHolds("\xEF\xBB\xBF"));
  EXPECT_THAT(TextOf("a\xEF\xBB\xBF", "f"), IsOkAndHolds("a\xEF\xBB\xBF"));
  EXPECT_THAT(TextOf("\xEF\xBB", "f"), IsOkAndHolds("\xEF\xBB"));
}

TEST(TextFileTest, LinesEndInOneCharacter) {
  EXPECT_THAT(TextOf("a\r\nb\r\n\r\nc", "f"), IsOkAndHolds("a\nb\n\nc"));
  EXPECT_THAT(TextOf("a\rb\n", "f"), IsOkAndHolds("a\rb\n"));
  EXPECT_THAT(TextOf("", "f"), IsOkAndHolds(""));
  EXPECT_THAT(TextOf("\xC3\xA9\n", "f"), IsOkAndHolds("\xC3\xA9\n"));
}

TEST(TextFileTest, OtherEncodingsAreRefusedWithWhatToDo) {
  const std::string little(
      "\xFF\xFE"
      "a\0",
      4),
      big("\xFE\xFF\0a", 4);
  const std::string wide("\xFF\xFE\0\0a\0\0\0", 8), wide_big("\0\0\xFE\xFF\0\0\0a", 8);
  const std::string unmarked("a\0:\0", 4);

  for (const std::string& bytes : {little, big, wide}) {
    EXPECT_THAT(TextOf(bytes, "job.yaml"),
                StatusIs(kInvalid, "job.yaml: is UTF-16 text; save it as UTF-8"));
  }
  EXPECT_THAT(TextOf(wide_big, "f"), StatusIs(kInvalid, "a zero byte at 0"));
  EXPECT_THAT(TextOf(unmarked, "f"), HasReason(kInvalid, reason::kFileMalformed));
  EXPECT_THAT(TextOf(unmarked, "f"), StatusIs(kInvalid, "f: is no text: a zero byte at 1"));
}

TEST(TextFileTest, ReadsAFile) {
  const std::string path = ::testing::TempDir() + "/windows.txt";
  ASSERT_THAT(WriteFileAtomically(path,
                                  "\xEF\xBB\xBF"
                                  "one\r\ntwo\r\n"),
              IsOk());

  EXPECT_THAT(ReadTextFile(path), IsOkAndHolds("one\ntwo\n"));
  EXPECT_THAT(ReadTextFile(path, 3),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  EXPECT_EQ(ReadTextFile(path + ".none").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace niwaki
