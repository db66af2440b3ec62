#include "libs/lease/lease_id.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/lease/test_refs.h"

namespace niwaki::lease {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

TEST(LeaseIdTest, TextReadsBack) {
  const LeaseId<PairRef> pair = {{12, 345}, 6};
  const LeaseId<NumberRef> number = {{7}, kMax};

  EXPECT_EQ(pair.ToString(), "l12-345-6");
  EXPECT_EQ(number.ToString(), "m7-9223372036854775807");
  EXPECT_THAT(LeaseId<PairRef>::Parse("l12-345-6"), IsOkAndHolds(Eq(pair)));
  EXPECT_THAT(LeaseId<NumberRef>::Parse("m7-9223372036854775807"), IsOkAndHolds(Eq(number)));
}

TEST(LeaseIdTest, MadeUpTextIsRefused) {
  for (const char* text :
       {"", "l", "12-345-6", "l1-2", "l1-2-3-4", "lx-2-3", "l1-2-0", "l0-2-3", "l01-2-3", "l1-2-3 ",
        "l1--2-3", "l-1-2-3", "l+1-2-3", "m1-2-3", "l1-2-99999999999999999999"}) {
    EXPECT_THAT(LeaseId<PairRef>::Parse(text),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kLeaseUnknown))
        << text;
  }
}

TEST(LeaseIdTest, IdOfAnotherKindIsRefused) {
  EXPECT_THAT(LeaseId<NumberRef>::Parse("l1-1"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kLeaseUnknown));
}

TEST(LeaseIdTest, LongTextIsCutInTheMessage) {
  const absl::Status status = LeaseNeverGiven(std::string(5000, 'x'));

  EXPECT_LT(status.message().size(), 200u);
  EXPECT_THAT(std::string(status.message()), HasSubstr("was never given"));
}

}  // namespace
}  // namespace niwaki::lease
