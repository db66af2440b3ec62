#include "libs/store/request_log.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/store/statement.h"

namespace niwaki::store {

const char kRequestLogSchema[] = R"(
CREATE TABLE requests (
  id TEXT PRIMARY KEY,
  method TEXT NOT NULL,
  digest TEXT NOT NULL,
  response BLOB NOT NULL,
  create_time_us INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_by_time ON requests (create_time_us);
)";

absl::StatusOr<std::optional<RequestRecord>> FindRequest(Connection& connection,
                                                         absl::string_view request_id) {
  if (request_id.empty()) return std::nullopt;
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare(
          "SELECT id, method, digest, response, create_time_us FROM requests WHERE id = ?1"));
  select.BindAll(request_id);
  NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return RequestRecord{std::string(select.ColumnText(0)), std::string(select.ColumnText(1)),
                       std::string(select.ColumnText(2)), std::string(select.ColumnBlob(3)),
                       absl::FromUnixMicros(select.ColumnInt(4))};
}

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

absl::Status WriteRequest(Connection& connection, const RequestRecord& record) {
  if (record.request_id.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(
      Statement insert,
      connection.Prepare("INSERT OR REPLACE INTO requests VALUES (?1,?2,?3,?4,?5)"));
  return insert.Run(record.request_id, record.method, record.request_digest, Blob{record.response},
                    absl::ToUnixMicros(record.create_time));
}

absl::Status ForgetRequestsBefore(Connection& connection, absl::Time time) {
  NIWAKI_ASSIGN_OR_RETURN(Statement forget,
                          connection.Prepare("DELETE FROM requests WHERE create_time_us < ?1"));
  return forget.Run(absl::ToUnixMicros(time));
}

}  // namespace niwaki::store
