// The tables of measurements: rows read and written.
//
//   measure_version(version)            of this schema
//   board(name, record)                 v1::Board
//   measurement(uid, state, board, end_time_us, record)
//                                       v1::Measurement, and of it what is asked for
//   row_event(id, measurement, withdrawn)
//                                       what the latency table has not been told yet
//   requests                            libs/store/request_log

#ifndef NIWAKI_LIBS_MEASURE_MEASURE_ROWS_H_
#define NIWAKI_LIBS_MEASURE_MEASURE_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/store/connection.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::measure {

// Brings the tables to this version. FailedPrecondition SCHEMA_TOO_NEW for a later one.
absl::Status MigrateMeasurements(store::Connection& connection);

// DataLoss with reason DATA_CORRUPT for rows that cannot be. All of these need a database that
// MigrateMeasurements has seen.
absl::StatusOr<std::vector<v1::Board>> ReadBoards(store::Connection& connection);
// Those that have not ended, with their numbers.
absl::StatusOr<std::vector<std::pair<int64_t, v1::Measurement>>> ReadLiveMeasurements(
    store::Connection& connection);
absl::StatusOr<std::optional<v1::Measurement>> ReadMeasurement(store::Connection& connection,
                                                               int64_t uid);
// The number of the next measurement, above all that were ever given.
absl::StatusOr<int64_t> NextUid(store::Connection& connection);

absl::Status WriteBoard(store::Connection& connection, const v1::Board& board);
absl::Status WriteMeasurement(store::Connection& connection, int64_t uid,
                              const v1::Measurement& measurement);
absl::Status DeleteMeasurement(store::Connection& connection, int64_t uid);

// What the latency table is to be told, in order: the rows of a measurement of operators that has
// figures, or that they are doubtful.
struct RowEvent {
  int64_t id = 0;
  int64_t measurement = 0;
  bool withdrawn = false;
};
absl::Status WriteRowEvent(store::Connection& connection, int64_t uid, bool withdrawn);
absl::StatusOr<std::vector<RowEvent>> ReadRowEvents(store::Connection& connection);
absl::Status DeleteRowEvent(store::Connection& connection, int64_t id);

// Marks the figures that the board gave since `since` as doubtful, with a RowEvent for operators.
absl::Status MarkDoubtful(store::Connection& connection, const std::string& board,
                          absl::Time since);

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_MEASURE_ROWS_H_
