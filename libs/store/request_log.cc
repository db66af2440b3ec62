#include "libs/store/request_log.h"

#include "absl/strings/str_cat.h"
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

namespace {

constexpr size_t kMaxIds = 1024;

RequestRecord ReadRecord(const Statement& row) {
  return {std::string(row.ColumnText(0)), std::string(row.ColumnText(1)),
          std::string(row.ColumnText(2)), std::string(row.ColumnBlob(3)),
          absl::FromUnixMicros(row.ColumnInt(4))};
}

// The select of up to `ids` records. Sizes are rounded up to powers of two, so that there are few
// texts to cache; a parameter that is left over is NULL and equals nothing.
std::string SelectSql(size_t ids) {
  size_t parameters = 1;
  while (parameters < ids) parameters *= 2;
  std::string sql =
      "SELECT id, method, digest, response, create_time_us FROM requests WHERE id IN (?1";
  for (size_t i = 2; i <= parameters; ++i) absl::StrAppend(&sql, ",?", i);
  return absl::StrCat(sql, ")");
}

}  // namespace

absl::StatusOr<std::optional<RequestRecord>> FindRequest(Connection& connection,
                                                         absl::string_view request_id) {
  if (request_id.empty()) return std::nullopt;
  NIWAKI_ASSIGN_OR_RETURN(Statement select, connection.Prepare(SelectSql(1)));
  select.BindAll(request_id);
  NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  return ReadRecord(select);
}

absl::StatusOr<std::vector<RequestRecord>> FindRequests(Connection& connection,
                                                        absl::Span<const std::string> request_ids) {
  std::vector<RequestRecord> records;
  for (size_t begin = 0; begin < request_ids.size(); begin += kMaxIds) {
    const absl::Span<const std::string> ids = request_ids.subspan(begin, kMaxIds);
    NIWAKI_ASSIGN_OR_RETURN(Statement select, connection.Prepare(SelectSql(ids.size())));
    for (size_t i = 0; i < ids.size(); ++i) select.BindText(static_cast<int>(i + 1), ids[i]);
    while (true) {
      NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      records.push_back(ReadRecord(select));
    }
  }
  return records;
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
