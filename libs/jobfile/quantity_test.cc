#include "libs/jobfile/quantity.h"

#include "gmock/gmock.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobfile {
namespace {

using ::testing::DoubleEq;

TEST(QuantityTest, CountsTakeDecimalSuffixes) {
  EXPECT_THAT(ParseCount("4096"), IsOkAndHolds(4096));
  EXPECT_THAT(ParseCount("5M"), IsOkAndHolds(5000000));
  EXPECT_THAT(ParseCount(" 1.5 k "), IsOkAndHolds(1500));
  EXPECT_THAT(ParseCount("2g"), IsOkAndHolds(2000000000));
  EXPECT_THAT(ParseCount("0"), IsOkAndHolds(0));
  EXPECT_THAT(ParseCount("1e6"), IsOkAndHolds(1000000));
  EXPECT_THAT(ParseCount("2.5E+3"), IsOkAndHolds(2500));
  EXPECT_THAT(ParseCount("5000e-3 k"), IsOkAndHolds(5000));
}

TEST(QuantityTest, NonsenseIsNoCount) {
  for (const char* text :
       {"", "k", "-5", "5X", "1e99", "nan", "inf", "5 5", "0x10", "10000G0", "99999999999999999999",
        "1..2", ".", "5e", "5e+", "e5", "1e19", "1e3e3"}) {
    EXPECT_THAT(ParseCount(text), StatusIs(absl::StatusCode::kInvalidArgument, "is not")) << text;
  }
}

TEST(QuantityTest, EnergiesComeAsMillijoules) {
  EXPECT_THAT(ParseMillijoules("12"), IsOkAndHolds(DoubleEq(12)));
  EXPECT_THAT(ParseMillijoules("0.5 J"), IsOkAndHolds(DoubleEq(500)));
  EXPECT_THAT(ParseMillijoules("800uJ"), IsOkAndHolds(DoubleEq(0.8)));
  EXPECT_THAT(ParseMillijoules("1.2e-2J"), IsOkAndHolds(DoubleEq(12)));
  EXPECT_THAT(ParseMillijoules("5 kB"), StatusIs(absl::StatusCode::kInvalidArgument, "mJ"));
}

}  // namespace
}  // namespace niwaki::jobfile
