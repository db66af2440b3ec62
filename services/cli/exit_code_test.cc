#include "services/cli/exit_code.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::cli {
namespace {

TEST(ExitCodeTest, EveryStatusCodeHasItsNumber) {
  const struct {
    absl::StatusCode code;
    int expected;
  } kCases[] = {
      {absl::StatusCode::kOk, 0},
      {absl::StatusCode::kCancelled, 130},
      {absl::StatusCode::kUnknown, 1},
      {absl::StatusCode::kInvalidArgument, 2},
      {absl::StatusCode::kDeadlineExceeded, 5},
      {absl::StatusCode::kNotFound, 3},
      {absl::StatusCode::kAlreadyExists, 4},
      {absl::StatusCode::kPermissionDenied, 1},
      {absl::StatusCode::kResourceExhausted, 1},
      {absl::StatusCode::kFailedPrecondition, 4},
      {absl::StatusCode::kAborted, 4},
      {absl::StatusCode::kOutOfRange, 2},
      {absl::StatusCode::kUnimplemented, 1},
      {absl::StatusCode::kInternal, 1},
      {absl::StatusCode::kUnavailable, 5},
      {absl::StatusCode::kDataLoss, 1},
      {absl::StatusCode::kUnauthenticated, 1},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ExitCodeOf(absl::Status(c.code, "x")), c.expected)
        << absl::StatusCodeToString(c.code);
  }
}

TEST(ExitCodeTest, UnsatisfiableBudgetHasItsOwn) {
  const absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable).Message("none");

  EXPECT_EQ(ExitCodeOf(status), kExitNoFit);
}

TEST(ExitCodeTest, HelpListsEveryCode) {
  for (int code : {0, 1, 2, 3, 4, 5, 6, 130}) {
    EXPECT_TRUE(absl::StrContains(kExitCodeHelp, absl::StrCat("\n  ", code, " "))) << code;
  }
}

}  // namespace
}  // namespace niwaki::cli
