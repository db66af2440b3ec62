#include "libs/board/failure/failure.h"

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::board {
namespace {

absl::Status With(absl::StatusCode code, absl::string_view reason) {
  return Error(code, reason).Message("it did not work");
}

TEST(FailureTest, ReasonsHaveClasses) {
  const auto class_of = [](absl::string_view reason) {
    return FailureClassOf(With(absl::StatusCode::kInternal, reason));
  };
  EXPECT_EQ(class_of(reason::kBoardBusy), FailureClass::kInfrastructure);
  EXPECT_EQ(class_of(reason::kBoardVanished), FailureClass::kInfrastructure);
  EXPECT_EQ(class_of(reason::kCommandFailed), FailureClass::kInfrastructure);
  EXPECT_EQ(class_of(reason::kBoardReset), FailureClass::kBoard);
  EXPECT_EQ(class_of(reason::kBoardFault), FailureClass::kBoard);
  EXPECT_EQ(class_of(reason::kBoardGarbled), FailureClass::kBoard);
  EXPECT_EQ(class_of(reason::kBoardRefused), FailureClass::kBoard);
  EXPECT_EQ(class_of(reason::kNetworkFault), FailureClass::kCandidate);
  EXPECT_EQ(class_of(reason::kBudgetUnsatisfiable), FailureClass::kCandidate);
  EXPECT_EQ(class_of(reason::kBoardMismatch), FailureClass::kConfiguration);
  EXPECT_EQ(class_of(reason::kToolMissing), FailureClass::kConfiguration);
  EXPECT_EQ(class_of(reason::kDeviceUnknown), FailureClass::kConfiguration);
}

TEST(FailureTest, CodesHaveClassesWhereReasonsSayNothing) {
  const auto class_of = [](absl::StatusCode code) {
    return FailureClassOf(With(code, reason::kSystemError));
  };
  EXPECT_EQ(class_of(absl::StatusCode::kDeadlineExceeded), FailureClass::kTimeout);
  EXPECT_EQ(class_of(absl::StatusCode::kDataLoss), FailureClass::kBoard);
  EXPECT_EQ(class_of(absl::StatusCode::kInvalidArgument), FailureClass::kConfiguration);
  EXPECT_EQ(class_of(absl::StatusCode::kPermissionDenied), FailureClass::kConfiguration);
  EXPECT_EQ(class_of(absl::StatusCode::kInternal), FailureClass::kInfrastructure);
  EXPECT_EQ(FailureClassOf(absl::UnavailableError("down")), FailureClass::kInfrastructure);
  EXPECT_EQ(FailureClassOf(absl::OkStatus()), FailureClass::kNone);
}

TEST(FailureTest, ClassOutlivesAnnotation) {
  const absl::Status status = With(absl::StatusCode::kUnavailable, reason::kBoardReset);
  EXPECT_EQ(FailureClassOf(Annotate(status, "run")), FailureClass::kBoard);
}

TEST(FailureTest, NamesAreSaid) {
  EXPECT_EQ(FailureClassName(FailureClass::kTimeout), "time-out");
  EXPECT_EQ(FailureClassName(FailureClass::kInfrastructure), "infrastructure");
  EXPECT_EQ(FailureClassName(FailureClass::kNone), "none");
}

}  // namespace
}  // namespace niwaki::board
