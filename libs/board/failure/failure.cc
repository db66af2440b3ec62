#include "libs/board/failure/failure.h"

#include <optional>

#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::board {
namespace {

struct Row {
  absl::string_view reason;
  FailureClass failure;
};

constexpr Row kRows[] = {
    {reason::kBoardBusy, FailureClass::kInfrastructure},
    {reason::kBoardVanished, FailureClass::kInfrastructure},
    {reason::kCommandFailed, FailureClass::kInfrastructure},
    {reason::kBoardReset, FailureClass::kBoard},
    {reason::kBoardFault, FailureClass::kBoard},
    {reason::kBoardGarbled, FailureClass::kBoard},
    {reason::kBoardRefused, FailureClass::kBoard},
    {reason::kNetworkFault, FailureClass::kCandidate},
    {reason::kBudgetUnsatisfiable, FailureClass::kCandidate},
    {reason::kBoardMismatch, FailureClass::kConfiguration},
    {reason::kToolMissing, FailureClass::kConfiguration},
    {reason::kDeviceUnknown, FailureClass::kConfiguration},
};

FailureClass ClassOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return FailureClass::kNone;
    case absl::StatusCode::kDataLoss:
      return FailureClass::kBoard;
    case absl::StatusCode::kDeadlineExceeded:
      return FailureClass::kTimeout;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
      return FailureClass::kConfiguration;
    default:
      return FailureClass::kInfrastructure;
  }
}

}  // namespace

FailureClass FailureClassOf(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = GetErrorDetail(status);
  for (const Row& row : kRows) {
    if (detail.has_value() && row.reason == detail->reason) return row.failure;
  }
  return ClassOfCode(status.code());
}

absl::string_view FailureClassName(FailureClass failure) {
  switch (failure) {
    case FailureClass::kNone:
      return "none";
    case FailureClass::kInfrastructure:
      return "infrastructure";
    case FailureClass::kBoard:
      return "board";
    case FailureClass::kCandidate:
      return "candidate";
    case FailureClass::kTimeout:
      return "time-out";
    case FailureClass::kConfiguration:
      return "configuration";
  }
  return "none";
}

}  // namespace niwaki::board
