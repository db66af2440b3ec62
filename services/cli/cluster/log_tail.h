// What a child printed last: the reason of its end is there.

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_LOG_TAIL_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_LOG_TAIL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::cli {

// Length of the file; 0 where there is none. Where what comes next will begin.
int64_t LogSize(const std::string& path);

// The last line behind `from` that says something and begins with `prefix`, without that prefix; ""
// where there is none.
std::string LastLine(const std::string& path, int64_t from, absl::string_view prefix = "");

// The error of a service that ended while it was started: `message`, and for a port that another
// program has, FailedPrecondition ADDRESS_IN_USE with the option that takes another one.
absl::Status StartError(const std::string& service, const std::string& message);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_LOG_TAIL_H_
