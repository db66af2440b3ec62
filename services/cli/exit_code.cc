#include "services/cli/exit_code.h"

#include <optional>

#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/retry_class.h"

namespace niwaki::cli {

const char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0    ok\n"
    "  1    failed\n"
    "  2    wrong usage or invalid argument\n"
    "  3    not found\n"
    "  4    refused in this state\n"
    "  5    unavailable, or no answer in time\n"
    "  6    no network of the space meets the constraints\n"
    "  130  interrupted";

ExitCode ExitCodeOf(const absl::Status& status) {
  const std::optional<ErrorDetail> detail = GetErrorDetail(status);
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kExitUsage;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return detail.has_value() && detail->reason == reason::kBudgetUnsatisfiable ? kExitNoFit
                                                                                  : kExitRefused;
    case absl::StatusCode::kCancelled:
      return kExitInterrupted;
    default:
      // No answer: the same command may succeed later.
      return MayRepeatCall(status.code(), /*idempotent=*/true) ? kExitUnavailable : kExitFailed;
  }
}

}  // namespace niwaki::cli
