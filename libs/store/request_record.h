// RequestRecord: a mutating call and its answer, as a store remembers them. A value; request_log.h
// keeps it in SQLite.

#ifndef NIWAKI_LIBS_STORE_REQUEST_RECORD_H_
#define NIWAKI_LIBS_STORE_REQUEST_RECORD_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace niwaki::store {

// How long a repetition is recognised.
inline constexpr absl::Duration kRequestMemory = absl::Hours(24);

// A mutating call that was answered.
struct RequestRecord {
  // "" for a call that is not to be remembered.
  std::string request_id;
  std::string method;
  // Of the request without its id.
  std::string request_digest;
  // Serialised by whoever answered.
  std::string response;
  absl::Time create_time;
};

// The answer to `request`, whose own response is not looked at, when `known` is the record under
// its id; nullopt for a new request. InvalidArgument REQUEST_ID_REUSED when the id was used for
// another method or body.
absl::StatusOr<std::optional<std::string>> AnswerOf(const std::optional<RequestRecord>& known,
                                                    const RequestRecord& request);

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_REQUEST_RECORD_H_
