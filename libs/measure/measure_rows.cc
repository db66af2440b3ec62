#include "libs/measure/measure_rows.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/measure/times.h"
#include "libs/store/request_log.h"
#include "libs/store/statement.h"
#include "libs/store/transaction.h"

namespace niwaki::measure {
namespace {

using store::Blob;
using store::Connection;
using store::Statement;

// Element i takes the tables from version i to i + 1; never edited.
const char* const kMigrations[] = {R"sql(
CREATE TABLE board(name TEXT NOT NULL PRIMARY KEY, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE measurement(
  uid INTEGER PRIMARY KEY AUTOINCREMENT, state INTEGER NOT NULL, board TEXT NOT NULL,
  end_time_us INTEGER NOT NULL, record BLOB NOT NULL) STRICT;
CREATE INDEX measurement_by_state ON measurement(state);
CREATE INDEX measurement_by_board ON measurement(board, end_time_us);
)sql",
                                   R"sql(
CREATE TABLE row_event(
  id INTEGER PRIMARY KEY AUTOINCREMENT, measurement INTEGER NOT NULL, withdrawn INTEGER NOT NULL)
  STRICT;
)sql"};
constexpr int64_t kVersion = sizeof(kMigrations) / sizeof(kMigrations[0]);

absl::Status Corrupt(const absl::AlphaNum& what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Value(what)
      .Message(absl::StrCat("the database holds a record that cannot be read: ", what.Piece()));
}

absl::StatusOr<v1::Measurement> MeasurementOf(const Statement& select, int column) {
  v1::Measurement measurement;
  if (measurement.ParseFromString(std::string(select.ColumnBlob(column)))) return measurement;
  return Corrupt("measurement");
}

// Two libraries have it in their schema: whoever comes first makes it.
absl::Status MakeRequestLog(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(
      const int64_t there,
      connection.QueryInt("SELECT count(*) FROM sqlite_schema WHERE name = 'requests'"));
  return there > 0 ? absl::OkStatus() : connection.Execute(store::kRequestLogSchema);
}

}  // namespace

absl::Status MigrateMeasurements(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(auto transaction, store::Transaction::Begin(connection));
  NIWAKI_RETURN_IF_ERROR(MakeRequestLog(connection));
  NIWAKI_RETURN_IF_ERROR(connection.Execute(R"sql(
CREATE TABLE IF NOT EXISTS measure_version(
  one INTEGER PRIMARY KEY CHECK(one = 1), version INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO measure_version VALUES(1, 0);
)sql"));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t version,
                          connection.QueryInt("SELECT version FROM measure_version"));
  if (version > kVersion) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew)
        .Field("measure_version")
        .Value(version)
        .Limit(kVersion)
        .Message(absl::StrCat("the tables of measurements have version ", version,
                              "; this program knows ", kVersion));
  }
  for (int64_t i = version; i < kVersion; ++i) {
    NIWAKI_RETURN_IF_ERROR(connection.Execute(kMigrations[i]));
  }
  NIWAKI_RETURN_IF_ERROR(
      connection.Execute(absl::StrCat("UPDATE measure_version SET version = ", kVersion)));
  return transaction.Commit();
}

absl::StatusOr<std::vector<v1::Board>> ReadBoards(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(Statement select, connection.Prepare("SELECT name, record FROM board"));
  std::vector<v1::Board> boards;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return boards;
    v1::Board& board = boards.emplace_back();
    const bool reads = board.ParseFromString(std::string(select.ColumnBlob(1)));
    if (!reads || board.name() != select.ColumnText(0)) return Corrupt(select.ColumnText(0));
  }
}

absl::StatusOr<std::vector<std::pair<int64_t, v1::Measurement>>> ReadLiveMeasurements(
    Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT uid, record FROM measurement WHERE state IN (?1, ?2)"));
  select.BindAll(v1::MEASUREMENT_STATE_PENDING, v1::MEASUREMENT_STATE_LEASED);
  std::vector<std::pair<int64_t, v1::Measurement>> measurements;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return measurements;
    NIWAKI_ASSIGN_OR_RETURN(v1::Measurement measurement, MeasurementOf(select, 1));
    measurements.emplace_back(select.ColumnInt(0), std::move(measurement));
  }
}

absl::StatusOr<std::optional<v1::Measurement>> ReadMeasurement(Connection& connection,
                                                               int64_t uid) {
  NIWAKI_ASSIGN_OR_RETURN(Statement select,
                          connection.Prepare("SELECT record FROM measurement WHERE uid = ?1"));
  select.BindInt(1, uid);
  NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
  if (!row) return std::nullopt;
  NIWAKI_ASSIGN_OR_RETURN(v1::Measurement measurement, MeasurementOf(select, 0));
  return measurement;
}

absl::StatusOr<int64_t> NextUid(Connection& connection) {
  // Canaries are deleted; what they were called is remembered here.
  return connection.QueryInt(
      "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'measurement'), 0) + 1");
}

absl::Status WriteBoard(Connection& connection, const v1::Board& board) {
  NIWAKI_ASSIGN_OR_RETURN(Statement upsert,
                          connection.Prepare("INSERT INTO board(name, record) VALUES(?1, ?2)"
                                             " ON CONFLICT DO UPDATE SET record = ?2"));
  const std::string record = board.SerializeAsString();
  return upsert.Run(board.name(), Blob{record});
}

absl::Status WriteMeasurement(Connection& connection, int64_t uid,
                              const v1::Measurement& measurement) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement upsert,
      connection.Prepare("INSERT INTO measurement(uid, state, board, end_time_us, record)"
                         " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"
                         " state = ?2, board = ?3, end_time_us = ?4, record = ?5"));
  const std::string record = measurement.SerializeAsString();
  const int64_t end_time_us =
      measurement.has_end_time() ? absl::ToUnixMicros(FromTimestamp(measurement.end_time())) : 0;
  return upsert.Run(uid, measurement.state(), measurement.board(), end_time_us, Blob{record});
}

absl::Status DeleteMeasurement(Connection& connection, int64_t uid) {
  NIWAKI_ASSIGN_OR_RETURN(Statement erase,
                          connection.Prepare("DELETE FROM measurement WHERE uid = ?1"));
  return erase.Run(uid);
}

absl::Status WriteRowEvent(Connection& connection, int64_t uid, bool withdrawn) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement insert,
      connection.Prepare("INSERT INTO row_event(measurement, withdrawn) VALUES(?1, ?2)"));
  return insert.Run(uid, withdrawn);
}

absl::StatusOr<std::vector<RowEvent>> ReadRowEvents(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT id, measurement, withdrawn FROM row_event ORDER BY id"));
  std::vector<RowEvent> events;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return events;
    events.push_back({select.ColumnInt(0), select.ColumnInt(1), select.ColumnInt(2) != 0});
  }
}

absl::Status DeleteRowEvent(Connection& connection, int64_t id) {
  NIWAKI_ASSIGN_OR_RETURN(Statement erase,
                          connection.Prepare("DELETE FROM row_event WHERE id = ?1"));
  return erase.Run(id);
}

absl::Status MarkDoubtful(Connection& connection, const std::string& board, absl::Time since) {
  std::vector<std::pair<int64_t, v1::Measurement>> doubtful;
  {
    NIWAKI_ASSIGN_OR_RETURN(Statement select,
                            connection.Prepare("SELECT uid, record FROM measurement WHERE"
                                               " board = ?1 AND end_time_us >= ?2 AND state = ?3"));
    select.BindAll(board, since == absl::InfinitePast() ? 0 : absl::ToUnixMicros(since),
                   v1::MEASUREMENT_STATE_SUCCEEDED);
    while (true) {
      NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      NIWAKI_ASSIGN_OR_RETURN(v1::Measurement measurement, MeasurementOf(select, 1));
      doubtful.emplace_back(select.ColumnInt(0), std::move(measurement));
    }
  }
  for (auto& [uid, measurement] : doubtful) {
    measurement.mutable_result()->set_doubtful(true);
    NIWAKI_RETURN_IF_ERROR(WriteMeasurement(connection, uid, measurement));
    if (!measurement.spec().has_operators()) continue;
    NIWAKI_RETURN_IF_ERROR(WriteRowEvent(connection, uid, /*withdrawn=*/true));
  }
  return absl::OkStatus();
}

}  // namespace niwaki::measure
