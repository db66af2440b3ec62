// The error of a file that is not read.

#ifndef NIWAKI_LIBS_INTERCHANGE_MALFORMED_H_
#define NIWAKI_LIBS_INTERCHANGE_MALFORMED_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::interchange {

// InvalidArgument, reason FILE_MALFORMED. `place` is what is read ("operator 3 (CONV_2D): "), or
// empty; `limit` is what is read instead of `value`, or empty.
inline absl::Status Malformed(absl::string_view place, absl::string_view field,
                              const absl::AlphaNum& value, absl::string_view limit,
                              absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(absl::StrCat(place, field))
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(place, message, " (", field, " ", value,
                            limit.empty() ? "" : ", read: ", limit, ")"));
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_MALFORMED_H_
