#include "libs/base/range.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

TEST(RangeTest, BothEndsBelongToTheRange) {
  NIWAKI_EXPECT_OK(CheckRange("threads", 1, 1, 256));
  NIWAKI_EXPECT_OK(CheckRange("threads", 256, 1, 256));
  NIWAKI_EXPECT_OK(CheckRange("share", 0.0, 0, 1));
  NIWAKI_EXPECT_OK(CheckRange("share", 1.0, 0, 1));
}

TEST(RangeTest, ErrorNamesFieldValueAndLimit) {
  const absl::Status status = CheckRange("threads", 257, 1, 256);

  EXPECT_THAT(status, StatusIs(kInvalid, "threads is 257; it must be 1 to 256"));
  EXPECT_EQ(GetErrorDetail(status),
            (ErrorDetail{reason::kArgumentInvalid, "threads", "257", "1 to 256"}));
  EXPECT_THAT(CheckRange("threads", 0, 1, 256),
              StatusIs(kInvalid, "threads is 0; it must be 1 to 256"));
}

TEST(RangeTest, ErrorCarriesTheReasonOfTheCaller) {
  const absl::Status status = CheckRange("stem.stride", 3, 1, 2, reason::kSpaceInvalid);

  EXPECT_EQ(GetErrorDetail(status)->reason, reason::kSpaceInvalid);
}

TEST(RangeTest, OpenEndIsOutside) {
  EXPECT_THAT(CheckRange("eps", 0.0, 0, 1, Ends::kLowOpen),
              StatusIs(kInvalid, "eps is 0; it must be above 0 and at most 1"));
  NIWAKI_EXPECT_OK(CheckRange("eps", 1.0, 0, 1, Ends::kLowOpen));
  NIWAKI_EXPECT_OK(CheckRange("slot", 0, 0, 5, Ends::kHighOpen));
  EXPECT_THAT(CheckRange("slot", 5, 0, 5, Ends::kHighOpen),
              StatusIs(kInvalid, "slot is 5; it must be at least 0 and below 5"));
  EXPECT_THAT(CheckRange("rate", 1.0, 0, 1, Ends::kOpen),
              StatusIs(kInvalid, "rate is 1; it must be above 0 and below 1"));
  EXPECT_THAT(CheckRange("rate", 0.0, 0, 1, Ends::kOpen), StatusIs(kInvalid, "above 0"));
  NIWAKI_EXPECT_OK(CheckRange("rate", 0.5, 0, 1, Ends::kOpen));
}

TEST(RangeTest, NotANumberIsInNoRange) {
  for (const Ends ends : {Ends::kClosed, Ends::kLowOpen, Ends::kHighOpen, Ends::kOpen}) {
    EXPECT_THAT(CheckRange("noise", kNan, -kInfinity, kInfinity, ends),
                StatusIs(kInvalid, "noise is nan"));
  }
  EXPECT_THAT(CheckAtLeast("noise", kNan, 0), StatusIs(kInvalid, "noise is nan"));
}

TEST(RangeTest, InfinityIsBeyondFiniteEnds) {
  EXPECT_THAT(CheckRange("loss", kInfinity, 0, 1e300),
              StatusIs(kInvalid, "loss is inf; it must be 0 to 1e+300"));
  EXPECT_THAT(CheckRange("loss", -kInfinity, -1, 1), StatusIs(kInvalid, "is -inf"));
}

TEST(RangeTest, IntegersOfAnySignAndWidthCompareByValue) {
  const uint64_t largest = std::numeric_limits<uint64_t>::max();
  const int64_t smallest = std::numeric_limits<int64_t>::min();

  EXPECT_THAT(CheckRange("size", largest, 0, 10),
              StatusIs(kInvalid, "size is 18446744073709551615; it must be 0 to 10"));
  EXPECT_THAT(CheckRange("size", -1, size_t{0}, size_t{10}),
              StatusIs(kInvalid, "size is -1; it must be 0 to 10"));
  EXPECT_THAT(CheckRange("offset", smallest, uint64_t{0}, largest),
              StatusIs(kInvalid, "is -9223372036854775808"));
  NIWAKI_EXPECT_OK(CheckRange("size", size_t{3}, -1, int64_t{3}));
  EXPECT_THAT(CheckRange("gene", uint8_t{65}, 0, 3),
              StatusIs(kInvalid, "gene is 65; it must be 0 to 3"));
}

TEST(RangeTest, NumbersAreToldWithTheDigitsThatTheyNeed) {
  EXPECT_THAT(CheckRange("share", 1.0000001, 0, 1),
              StatusIs(kInvalid, "share is 1.0000001; it must be 0 to 1"));
  EXPECT_THAT(CheckRange("rate", 0.1f, 0.25, 1),
              StatusIs(kInvalid, "rate is 0.1; it must be 0.25 to 1"));
  EXPECT_THAT(CheckRange("steps", 20000000, 0, 1e7),
              StatusIs(kInvalid, "steps is 20000000; it must be 0 to 10000000"));
  EXPECT_THAT(CheckRange("rate", 11, 1e-9, 10),
              StatusIs(kInvalid, "rate is 11; it must be 1e-09 to 10"));
}

TEST(RangeTest, RangeOfOneNumberIsThatNumber) {
  NIWAKI_EXPECT_OK(CheckRange("mean.size", 3, 3, 3));
  EXPECT_THAT(CheckRange("mean.size", 1, 3, 3), StatusIs(kInvalid, "mean.size is 1; it must be 3"));
}

TEST(RangeTest, RangeWithoutAnUpperEnd) {
  NIWAKI_EXPECT_OK(CheckAtLeast("images", 1, 1));
  NIWAKI_EXPECT_OK(CheckAtLeast("images", kInfinity, 1));
  EXPECT_THAT(CheckAtLeast("images", 0, 1),
              StatusIs(kInvalid, "images is 0; it must be at least 1"));
}

TEST(RangeTest, LimitMayBeOtherThanARange) {
  EXPECT_THAT(InvalidValue("fft_size", 100, "a power of 2"),
              StatusIs(kInvalid, "fft_size is 100; it must be a power of 2"));
  EXPECT_THAT(InvalidValue("name", "", "1 to 63 characters"),
              StatusIs(kInvalid, "name is empty; it must be 1 to 63 characters"));
}

TEST(RangeTest, NumbersAreWrittenInFull) {
  EXPECT_EQ(NumberText(1000000), "1000000");
  EXPECT_EQ(NumberText(0.1), "0.1");
  EXPECT_EQ(NumberText(1.0000001), "1.0000001");
  EXPECT_EQ(NumberText(-1), "-1");
}

}  // namespace
}  // namespace niwaki
