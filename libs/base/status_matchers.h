// gMock matchers for absl::Status and absl::StatusOr.
//
//   EXPECT_THAT(Parse(text), IsOk());
//   EXPECT_THAT(Parse(text), IsOkAndHolds(Eq(3)));
//   EXPECT_THAT(Parse(text), StatusIs(absl::StatusCode::kInvalidArgument, "kernel_size 9"));
//   EXPECT_THAT(Parse(text), HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));

#ifndef NIWAKI_LIBS_BASE_STATUS_MATCHERS_H_
#define NIWAKI_LIBS_BASE_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "libs/base/error.h"

namespace niwaki {
namespace status_matchers_internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

}  // namespace status_matchers_internal

MATCHER(IsOk, "is OK") {
  const absl::Status& status = status_matchers_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.ok();
}

MATCHER_P(IsOkAndHolds, inner, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

// The code, and a part of the message ("" for any).
MATCHER_P2(StatusIs, code, part, "has the code and the message part") {
  const absl::Status& status = status_matchers_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code && absl::StrContains(status.message(), part);
}

// The code and the machine-readable reason.
MATCHER_P2(HasReason, code, reason, "has the code and the reason") {
  const absl::Status& status = status_matchers_internal::StatusOf(arg);
  const auto detail = GetErrorDetail(status);
  *result_listener << status.ToString() << " reason " << (detail ? detail->reason : "(none)");
  return status.code() == code && detail.has_value() && detail->reason == reason;
}

}  // namespace niwaki

#define NIWAKI_ASSERT_OK(expr) ASSERT_THAT((expr), ::niwaki::IsOk())
#define NIWAKI_EXPECT_OK(expr) EXPECT_THAT((expr), ::niwaki::IsOk())
#define NIWAKI_ASSERT_OK_AND_ASSIGN(lhs, expr) \
  NIWAKI_ASSERT_OK_AND_ASSIGN_IMPL_(NIWAKI_TEST_CONCAT_(niwaki_test_or_, __LINE__), lhs, expr)
#define NIWAKI_TEST_CONCAT_INNER_(a, b) a##b
#define NIWAKI_TEST_CONCAT_(a, b) NIWAKI_TEST_CONCAT_INNER_(a, b)
#define NIWAKI_ASSERT_OK_AND_ASSIGN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                                      \
  ASSERT_TRUE(tmp.ok()) << tmp.status().ToString();       \
  lhs = std::move(tmp).value()

#endif  // NIWAKI_LIBS_BASE_STATUS_MATCHERS_H_
