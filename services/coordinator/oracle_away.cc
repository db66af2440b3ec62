#include "services/coordinator/oracle_away.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/retry_class.h"

namespace niwaki::coordinator {

bool IsOracleAway(const absl::Status& status) {
  return MayRepeatCall(status.code(), /*idempotent=*/true);
}

absl::Status OracleAway(const absl::Status& status, const std::string& address) {
  return Error(absl::StatusCode::kUnavailable, reason::kOracleUnavailable)
      .Field("oracle")
      .Value(address)
      .Message(absl::StrCat("the oracle at ", address,
                            " does not answer; start it again (niwaki-oracle --listen ", address,
                            "): ", status.message()));
}

}  // namespace niwaki::coordinator
