// How an error is shown: lines for people, an object for programs.

#ifndef NIWAKI_SERVICES_CLI_ERROR_REPORT_H_
#define NIWAKI_SERVICES_CLI_ERROR_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/base/json.h"

namespace niwaki::cli {

// "PROGRAM: <message>", a line "  <name>: <problem>" for each of the first 20 items, the number of
// the others, and, for the parts of the detail that are set, lines "  field: …", "  value: …",
// "  limit: …". Control characters become blanks, so that a hostile name cannot drive the terminal.
// `status` is not OK.
std::string FormatErrorText(const absl::Status& status, absl::string_view program = "niwaki");

// {"error":{"code","reason","field","value","limit","message"}}; parts that are not set are "". An
// error with items has all of them: "items":[{"name","problem"},…].
// Bytes that are not UTF-8 are replaced.
Json FormatErrorJson(const absl::Status& status);

// Whether JSON was asked for on a command line that could not be read to its end.
bool AsksForJson(const std::vector<std::string>& arguments);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_ERROR_REPORT_H_
