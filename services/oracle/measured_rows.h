// Rows of the latency table from measurements of operators.

#ifndef NIWAKI_SERVICES_ORACLE_MEASURED_ROWS_H_
#define NIWAKI_SERVICES_ORACLE_MEASURED_ROWS_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "libs/device/device.h"
#include "libs/latency/lookup_table.h"
#include "libs/latency/snapshot.h"
#include "libs/measure/measure_store.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::oracle {

// What a measurement of operators that has figures says of `device`: a row for each operator that
// ran. What was counted becomes a latency at the board's clock, of an emulated board at the
// device's.
std::vector<latency::LookupEntry> RowsOf(const v1::Measurement& measurement,
                                         const device::Device& device);

// Tells the table what the measurements have to say: rows that they brought, and rows of boards
// that have turned out bad, which end. Both are kept as events in the transaction that made them,
// and forgotten when the table has them, so a kill in between repeats what changes nothing.
// Thread-safe.
class MeasuredRows {
 public:
  // Borrows both for its life.
  MeasuredRows(measure::MeasureStore* store, latency::LookupTable* table)
      : store_(store), table_(table) {}

  // Returns when the table has all that there was. Cheap where there is nothing. Errors of the
  // databases: call again.
  absl::Status Settle();

 private:
  absl::Status TellAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Tell(const measure::RowEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  measure::MeasureStore* const store_;
  latency::LookupTable* const table_;
  absl::Mutex mutex_;
};

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_MEASURED_ROWS_H_
