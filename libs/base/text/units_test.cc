#include "libs/base/text/units.h"

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

TEST(UnitsTest, BytesReadAndWritten) {
  EXPECT_THAT(ParseBytes("64kB"), IsOkAndHolds(65536));
  EXPECT_THAT(ParseBytes("64 KiB"), IsOkAndHolds(65536));
  EXPECT_THAT(ParseBytes("1.5MB"), IsOkAndHolds(1572864));
  EXPECT_THAT(ParseBytes("17"), IsOkAndHolds(17));
  EXPECT_EQ(FormatBytes(65536), "64.0 kB");
}

TEST(UnitsTest, CaseOfUnitsDoesNotMatterButIsShownRightly) {
  EXPECT_THAT(ParseBytes("64KB"), IsOkAndHolds(65536));
  EXPECT_THAT(ParseBytes("64kib"), IsOkAndHolds(65536));
  EXPECT_THAT(ParseMicros("1MS"), IsOkAndHolds(1000));
  EXPECT_THAT(ParseBytes("64 apples"),
              StatusIs(absl::StatusCode::kInvalidArgument, "units B, kB, KiB, MB, MiB, GB, GiB"));
}

TEST(UnitsTest, MicrosReadAndWritten) {
  EXPECT_THAT(ParseMicros("100ms"), IsOkAndHolds(100000));
  EXPECT_THAT(ParseMicros("1.5 s"), IsOkAndHolds(1500000));
  EXPECT_EQ(FormatMicros(12300), "12.3 ms");
}

TEST(UnitsTest, NonsenseIsRefused) {
  for (const char* text : {"", "kB", "-4kB", "64 apples", "1e40 kB", "nan", "inf"}) {
    EXPECT_THAT(ParseBytes(text), StatusIs(absl::StatusCode::kInvalidArgument, text)) << text;
  }
}

TEST(UnitsTest, NumberBeyondTheRangeIsNoNonsense) {
  EXPECT_THAT(ParseBytes("99999999999GB"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "'99999999999GB' is beyond the range: at most 8.568e+09 GB"));
  EXPECT_THAT(ParseMicros("1e40 ms"),
              StatusIs(absl::StatusCode::kInvalidArgument, "beyond the range: at most 9.2e+15 ms"));
}

}  // namespace
}  // namespace niwaki
