// JSON with our errors: the library's parser, whose exceptions become statuses with line and
// column.

#ifndef NIWAKI_LIBS_BASE_JSON_H_
#define NIWAKI_LIBS_BASE_JSON_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// Keeps the order of keys.
using Json = nlohmann::ordered_json;

// InvalidArgument with reason FILE_MALFORMED, `what` and the place, for anything that is not one
// JSON value.
absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what);

// What the library complains of, without its own numbering: "key 'pid' not found".
std::string JsonErrorText(const Json::exception& error);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_JSON_H_
