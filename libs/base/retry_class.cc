#include "libs/base/retry_class.h"

namespace niwaki {

RetryClass RetryClassOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return RetryClass::kNone;
    case absl::StatusCode::kUnavailable:
      return RetryClass::kAgain;
    case absl::StatusCode::kDeadlineExceeded:
      return RetryClass::kIfIdempotent;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
      return RetryClass::kLater;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kCancelled:
      return RetryClass::kPeerFault;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return RetryClass::kOnceAllowed;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kDataLoss:
      return RetryClass::kNever;
    default:
      // A number that is no code is the peer's mistake.
      return RetryClass::kPeerFault;
  }
}

bool MayRepeatCall(absl::StatusCode code, bool idempotent) {
  const RetryClass retry = RetryClassOf(code);
  return retry == RetryClass::kAgain || (idempotent && retry == RetryClass::kIfIdempotent);
}

bool MayAnswerLater(absl::StatusCode code) {
  const RetryClass retry = RetryClassOf(code);
  return retry != RetryClass::kNone && retry != RetryClass::kNever;
}

}  // namespace niwaki
