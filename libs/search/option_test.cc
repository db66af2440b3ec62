#include "libs/search/option.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::search {
namespace {

using ::testing::Eq;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

struct Pot {
  int64_t plants = 3;
  double soil = 0.5;
};

constexpr OptionOf<Pot> kPlants = {{"plants", WholeNumber(1, 1000000), "Trees"}, &Pot::plants};
constexpr OptionOf<Pot> kSoil = {{"soil", kShareAboveZero, "How full"}, &Pot::soil};
constexpr OptionOf<Pot> kTable[] = {kPlants, kSoil};

TEST(RangeTest, EndsBelongToItUnlessTheLowerIsExcluded) {
  EXPECT_TRUE(WholeNumber(2, 5).Contains(2));
  EXPECT_TRUE(WholeNumber(2, 5).Contains(5));
  EXPECT_FALSE(WholeNumber(2, 5).Contains(1));
  EXPECT_FALSE(WholeNumber(2, 5).Contains(6));
  EXPECT_FALSE(WholeNumber(2, 5).Contains(2.5));
  EXPECT_TRUE(kShare.Contains(0));
  EXPECT_TRUE(kShare.Contains(1));
  EXPECT_FALSE(kShareAboveZero.Contains(0));
  EXPECT_TRUE(kShareAboveZero.Contains(std::numeric_limits<double>::denorm_min()));
  for (const Range& range : {WholeNumber(2, 5), kShare, kShareAboveZero}) {
    EXPECT_FALSE(range.Contains(std::nan("")));
    EXPECT_FALSE(range.Contains(std::numeric_limits<double>::infinity()));
    EXPECT_FALSE(range.Contains(-std::numeric_limits<double>::infinity()));
  }
}

TEST(RangeTest, TextsSayBothEnds) {
  EXPECT_EQ(WholeNumber(1, 1000000).Limits(), "1 to 1000000");
  EXPECT_EQ(WholeNumber(1, 1000000).Text(), "a whole number from 1 to 1000000");
  EXPECT_EQ(kShare.Text(), "a number from 0 to 1");
  EXPECT_EQ(kShareAboveZero.Limits(), "above 0 and at most 1");
  EXPECT_EQ(kShareAboveZero.Text(), "a number above 0 and at most 1");
}

TEST(OptionTest, NumbersAreWrittenInFull) {
  EXPECT_EQ(NumberText(1000000), "1000000");
  EXPECT_EQ(NumberText(0.25), "0.25");
  EXPECT_EQ(NumberText(-1), "-1");
  EXPECT_EQ(NumberText(std::nan("")), "nan");
}

TEST(OptionTest, ErrorNamesFieldValueAndLimit) {
  const absl::Status status = CheckInRange("pot.plants", 0, kPlants.range);

  ASSERT_THAT(status, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_EQ(status.message(), "pot.plants is 0; it must be a whole number from 1 to 1000000");
  const auto detail = GetErrorDetail(status);
  EXPECT_EQ(detail->field, "pot.plants");
  EXPECT_EQ(detail->value, "0");
  EXPECT_EQ(detail->limit, "a whole number from 1 to 1000000");
}

TEST(OptionTest, WholeNumbersMayHaveExponents) {
  EXPECT_THAT(ParseInRange("f", "1e3", kPlants.range), IsOkAndHolds(Eq(1000)));
  EXPECT_THAT(ParseInRange("f", "2.5E+2", kPlants.range), IsOkAndHolds(Eq(250)));
  EXPECT_THAT(ParseInRange("f", "5000e-3", kPlants.range), IsOkAndHolds(Eq(5)));
}

TEST(OptionTest, TextsOfWholeNumbersAreStrict) {
  EXPECT_THAT(ParseInRange("f", "1000000", kPlants.range), IsOkAndHolds(Eq(1000000)));
  for (const char* text : {"", "1.0", "1e-3", "1.5e0", "1e7", "1e999", "e", "x", "0", "1000001",
                           "99999999999999999999"}) {
    EXPECT_THAT(ParseInRange("f", text, kPlants.range),
                HasReason(kInvalid, reason::kArgumentInvalid))
        << text;
  }
  EXPECT_THAT(ParseInRange("f", "1e-3", kSoil.range), IsOkAndHolds(Eq(0.001)));
  for (const char* text : {"", "0", "nan", "inf", "1.01", "half"}) {
    EXPECT_THAT(ParseInRange("f", text, kSoil.range), HasReason(kInvalid, reason::kArgumentInvalid))
        << text;
  }
}

TEST(OptionTest, RefusedValueLeavesTheOptionAlone) {
  Pot pot;

  EXPECT_THAT(SetOption(pot, kPlants, "plants", 1000001),
              HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_EQ(pot.plants, 3);
  NIWAKI_EXPECT_OK(SetOption(pot, kPlants, "plants", 1000000));
  EXPECT_EQ(pot.plants, 1000000);
  EXPECT_EQ(ValueOf(pot, kPlants), 1000000);
  NIWAKI_EXPECT_OK(CheckOptions(pot, kTable, "pot."));
  pot.soil = 0;
  EXPECT_THAT(CheckOptions(pot, kTable, "pot."),
              StatusIs(kInvalid, "pot.soil is 0; it must be a number above 0 and at most 1"));
}

}  // namespace
}  // namespace niwaki::search
