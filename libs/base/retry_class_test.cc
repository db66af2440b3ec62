#include "libs/base/retry_class.h"

#include <ostream>

#include "gtest/gtest.h"

namespace niwaki {
namespace {

struct Row {
  absl::StatusCode code;
  RetryClass retry;
  bool repeated;
  bool repeated_if_idempotent;
  bool answered_later;
};

void PrintTo(const Row& row, std::ostream* out) { *out << absl::StatusCodeToString(row.code); }

class RetryClassTest : public ::testing::TestWithParam<Row> {};

TEST_P(RetryClassTest, EveryCodeHasItsPlaceInTheTable) {
  const Row& row = GetParam();

  EXPECT_EQ(RetryClassOf(row.code), row.retry);
  EXPECT_EQ(MayRepeatCall(row.code, /*idempotent=*/false), row.repeated);
  EXPECT_EQ(MayRepeatCall(row.code, /*idempotent=*/true), row.repeated_if_idempotent);
  EXPECT_EQ(MayAnswerLater(row.code), row.answered_later);
}

using absl::StatusCode;
constexpr Row kRows[] = {
    {StatusCode::kOk, RetryClass::kNone, false, false, false},
    {StatusCode::kUnavailable, RetryClass::kAgain, true, true, true},
    {StatusCode::kDeadlineExceeded, RetryClass::kIfIdempotent, false, true, true},
    {StatusCode::kResourceExhausted, RetryClass::kLater, false, false, true},
    {StatusCode::kAborted, RetryClass::kLater, false, false, true},
    {StatusCode::kInternal, RetryClass::kPeerFault, false, false, true},
    {StatusCode::kUnknown, RetryClass::kPeerFault, false, false, true},
    {StatusCode::kCancelled, RetryClass::kPeerFault, false, false, true},
    {StatusCode::kPermissionDenied, RetryClass::kOnceAllowed, false, false, true},
    {StatusCode::kUnauthenticated, RetryClass::kOnceAllowed, false, false, true},
    {StatusCode::kInvalidArgument, RetryClass::kNever, false, false, false},
    {StatusCode::kOutOfRange, RetryClass::kNever, false, false, false},
    {StatusCode::kUnimplemented, RetryClass::kNever, false, false, false},
    {StatusCode::kNotFound, RetryClass::kNever, false, false, false},
    {StatusCode::kAlreadyExists, RetryClass::kNever, false, false, false},
    {StatusCode::kFailedPrecondition, RetryClass::kNever, false, false, false},
    {StatusCode::kDataLoss, RetryClass::kNever, false, false, false},
    {static_cast<StatusCode>(99), RetryClass::kPeerFault, false, false, true},
};

INSTANTIATE_TEST_SUITE_P(Codes, RetryClassTest, ::testing::ValuesIn(kRows));

}  // namespace
}  // namespace niwaki
