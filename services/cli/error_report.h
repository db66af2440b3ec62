// How an error is shown: lines for people, an object for programs.

#ifndef NIWAKI_SERVICES_CLI_ERROR_REPORT_H_
#define NIWAKI_SERVICES_CLI_ERROR_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "libs/base/json.h"

namespace niwaki::cli {

// "niwaki: <message>" and, for the parts of the detail that are set, lines "  field: …", "  value:
// …", "  limit: …". Control characters of the message become blanks, so that a hostile name cannot
// drive the terminal. `status` is not OK.
std::string FormatErrorText(const absl::Status& status);

// {"error":{"code","reason","field","value","limit","message"}}; parts that are not set are "".
// Bytes that are not UTF-8 are replaced.
Json FormatErrorJson(const absl::Status& status);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_ERROR_REPORT_H_
