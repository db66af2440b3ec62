// The error of a call that the oracle did not answer.

#ifndef NIWAKI_SERVICES_COORDINATOR_ORACLE_AWAY_H_
#define NIWAKI_SERVICES_COORDINATOR_ORACLE_AWAY_H_

#include <string>

#include "absl/status/status.h"

namespace niwaki::coordinator {

// Whether the call may be made again: the oracle at its address is away or busy.
bool IsOracleAway(const absl::Status& status);

// Unavailable with reason ORACLE_UNAVAILABLE, which says what to start.
absl::Status OracleAway(const absl::Status& status, const std::string& address);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_ORACLE_AWAY_H_
