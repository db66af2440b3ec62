// MeasureStore: the engine of measurements, durable in the oracle's SQLite.
//
// Its tables lie in the database of the latency table (libs/latency), beside its tables, and have a
// version of their own (table measure_version), so that each of the two libraries changes its
// schema alone; the latency table opens the file first. Boards and measurements are rows of
// serialised messages (board_service.proto): what is stored is what was said.

#ifndef NIWAKI_LIBS_MEASURE_MEASURE_STORE_H_
#define NIWAKI_LIBS_MEASURE_MEASURE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/measure/measure_engine.h"
#include "libs/measure/measure_rows.h"
#include "libs/store/connection.h"
#include "libs/store/group_commit.h"
#include "libs/store/request_record.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::measure {

struct MeasureStoreOptions {
  store::ConnectionOptions connection;
  MeasureOptions measure;
  // Borrowed; outlives the store.
  Clock* clock = &Clock::Real();
};

// One call of the engine.
struct MeasureCall {
  // Remembered with the answer where it has an id and `work` gives an answer.
  store::RequestRecord request;
  // Measurements that have ended and that `work` may look at.
  std::vector<int64_t> measurements;
  // On the store's thread, after Expire; the answer for repetitions, "" for none to remember. What
  // it has changed when it fails is kept.
  std::function<absl::StatusOr<std::string>(MeasureEngine& engine, absl::Time now)> work;
  // For a repetition, in place of `work`; unset: the remembered answer is the answer.
  std::function<absl::StatusOr<std::string>(MeasureEngine& engine, absl::Time now,
                                            const std::string& remembered)>
      again;
};

// Thread-safe. A call returns after the commit that holds its effect.
class MeasureStore {
 public:
  // Opens or creates the database at `path` and brings its tables of measurements to this version.
  // The errors of store::Connection; FailedPrecondition SCHEMA_TOO_NEW; DataLoss for rows that
  // cannot be.
  static absl::StatusOr<std::unique_ptr<MeasureStore>> Open(const std::string& path,
                                                            const MeasureStoreOptions& options);
  ~MeasureStore();

  // Runs the call; its answer, or that of the first call with its request_id. InvalidArgument
  // REQUEST_ID_REUSED; the error of `work`; errors of the commit.
  absl::StatusOr<std::string> Run(const MeasureCall& call);

  // NotFound with reason MEASUREMENT_UNKNOWN.
  absl::StatusOr<v1::Measurement> Find(int64_t uid);

  // What the latency table has not been told, the oldest first; then, that it has been.
  absl::StatusOr<std::vector<RowEvent>> RowEvents();
  absl::Status ForgetRowEvent(int64_t id);
  // Whether there may be any; that there are, for whoever could not tell them.
  bool has_row_events() const;
  void NoteRowEvents();

  // Grows with everything that changes.
  int64_t changes() const;

  // Waits until changes() is another than `seen`, or `deadline`, or Stop.
  void AwaitChange(int64_t seen, absl::Time deadline);

  // Nobody waits any more; calls are answered on.
  void Stop();
  bool stopped() const;

  Clock& clock() const { return *options_.clock; }

 private:
  explicit MeasureStore(const MeasureStoreOptions& options) : options_(options) {}

  absl::Status Load(store::Connection& connection);
  // On the writer's thread, in a transaction.
  absl::Status RunCall(store::Connection& connection, const MeasureCall& call,
                       absl::StatusOr<std::string>& answer, bool& changed);
  absl::Status WriteChanges(store::Connection& connection, bool& changed);
  absl::Status Adopt(store::Connection& connection, const MeasureCall& call);

  const MeasureStoreOptions options_;
  // Of the writer's thread. Null where it must be loaded again: what it holds was not stored.
  std::unique_ptr<MeasureEngine> engine_;

  mutable absl::Mutex mutex_;
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of events before the database was opened, too.
  bool has_row_events_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<store::GroupCommitWriter> writer_;
};

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_MEASURE_STORE_H_
