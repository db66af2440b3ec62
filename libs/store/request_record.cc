#include "libs/store/request_record.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::store {

absl::StatusOr<std::optional<std::string>> AnswerOf(const std::optional<RequestRecord>& known,
                                                    const RequestRecord& request) {
  if (!known.has_value()) return std::nullopt;
  if (known->method != request.method || known->request_digest != request.request_digest) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused)
        .Field("request_id")
        .Value(request.request_id)
        .Limit("a fresh UUID for each new request")
        .Message(absl::StrCat("request_id ", request.request_id, " was used for another ",
                              known->method));
  }
  return known->response;
}

}  // namespace niwaki::store
