#include "libs/measure/measure_store.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/measure/checks.h"
#include "libs/store/request_log.h"

namespace niwaki::measure {

using store::Connection;

absl::StatusOr<std::unique_ptr<MeasureStore>> MeasureStore::Open(
    const std::string& path, const MeasureStoreOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(auto connection, Connection::Open(path, options.connection));
  NIWAKI_RETURN_IF_ERROR(MigrateMeasurements(*connection));
  auto store = absl::WrapUnique(new MeasureStore(options));
  NIWAKI_RETURN_IF_ERROR(store->Load(*connection));
  store::GroupCommitOptions commit;
  commit.on_commit_failed = [store = store.get()](const absl::Status& status) {
    Log(Severity::kError, "measurements_not_stored", {{"error", status.message()}});
    store->engine_ = nullptr;
  };
  store->writer_ = std::make_unique<store::GroupCommitWriter>(std::move(connection), commit);
  return store;
}

MeasureStore::~MeasureStore() {
  Stop();
  if (writer_ != nullptr) writer_->Stop();
}

absl::Status MeasureStore::Load(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(const auto boards, ReadBoards(connection));
  NIWAKI_ASSIGN_OR_RETURN(const auto measurements, ReadLiveMeasurements(connection));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t next_uid, NextUid(connection));
  engine_ = std::make_unique<MeasureEngine>(options_.measure);
  engine_->Load(boards, measurements, next_uid, options_.clock->Now());
  return absl::OkStatus();
}

absl::Status MeasureStore::Adopt(Connection& connection, const MeasureCall& call) {
  for (const int64_t uid : call.measurements) {
    NIWAKI_ASSIGN_OR_RETURN(const auto measurement, ReadMeasurement(connection, uid));
    if (measurement.has_value()) engine_->Adopt(uid, *measurement);
  }
  return absl::OkStatus();
}

absl::Status MeasureStore::WriteChanges(Connection& connection, bool& changed) {
  const MeasureChanges changes = engine_->TakeChanges();
  changed = !changes.empty();
  for (const v1::Board& board : changes.boards) {
    NIWAKI_RETURN_IF_ERROR(WriteBoard(connection, board));
  }
  for (const auto& [uid, measurement] : changes.measurements) {
    NIWAKI_RETURN_IF_ERROR(WriteMeasurement(connection, uid, measurement));
    const bool has_figures = measurement.spec().has_operators() &&
                             measurement.state() == v1::MEASUREMENT_STATE_SUCCEEDED &&
                             measurement.late_results_size() == 0;
    if (!has_figures) continue;
    NIWAKI_RETURN_IF_ERROR(WriteRowEvent(connection, uid, measurement.result().doubtful()));
    NoteRowEvents();
  }
  for (const int64_t uid : changes.deleted) {
    NIWAKI_RETURN_IF_ERROR(DeleteMeasurement(connection, uid));
  }
  for (const auto& [board, since] : changes.doubts) {
    NIWAKI_RETURN_IF_ERROR(MarkDoubtful(connection, board, since));
    NoteRowEvents();
  }
  return absl::OkStatus();
}

absl::Status MeasureStore::RunCall(Connection& connection, const MeasureCall& call,
                                   absl::StatusOr<std::string>& answer, bool& changed) {
  if (engine_ == nullptr) NIWAKI_RETURN_IF_ERROR(Load(connection));
  NIWAKI_ASSIGN_OR_RETURN(const auto known,
                          store::FindRequest(connection, call.request.request_id));
  const auto remembered = store::AnswerOf(known, call.request);
  if (!remembered.ok()) {
    answer = remembered.status();
    return absl::OkStatus();
  }
  const absl::Time now = options_.clock->Now();
  NIWAKI_RETURN_IF_ERROR(Adopt(connection, call));
  engine_->Expire(now);
  if (!remembered->has_value()) {
    answer = call.work(*engine_, now);
  } else {
    answer = call.again ? call.again(*engine_, now, **remembered) : **remembered;
  }
  NIWAKI_RETURN_IF_ERROR(WriteChanges(connection, changed));
  const bool to_remember = answer.ok() && !answer->empty() && !remembered->has_value();
  if (!to_remember || call.request.request_id.empty()) return absl::OkStatus();
  store::RequestRecord record = call.request;
  record.response = *answer;
  record.create_time = now;
  NIWAKI_RETURN_IF_ERROR(store::ForgetRequestsBefore(connection, now - store::kRequestMemory));
  return store::WriteRequest(connection, record);
}

absl::StatusOr<std::string> MeasureStore::Run(const MeasureCall& call) {
  absl::StatusOr<std::string> answer = std::string();
  bool changed = false;
  NIWAKI_RETURN_IF_ERROR(writer_->Run([&](Connection& connection) {
    absl::Status status = RunCall(connection, call, answer, changed);
    // The engine may be ahead of what is stored.
    if (!status.ok()) engine_ = nullptr;
    return status;
  }));
  if (changed) {
    absl::MutexLock lock(&mutex_);
    ++changes_;
  }
  return answer;
}

absl::StatusOr<v1::Measurement> MeasureStore::Find(int64_t uid) {
  std::optional<v1::Measurement> found;
  MeasureCall call;
  call.measurements = {uid};
  call.work = [&found, uid](MeasureEngine& engine, absl::Time now) {
    found = engine.FindMeasurement(uid, now);
    return std::string();
  };
  NIWAKI_RETURN_IF_ERROR(Run(call).status());
  if (found.has_value() && !found->spec().has_canary()) return *std::move(found);
  return Error(absl::StatusCode::kNotFound, reason::kMeasurementUnknown)
      .Field("name")
      .Value(MeasurementName(uid))
      .Message(absl::StrCat("there is no ", MeasurementName(uid)));
}

absl::StatusOr<std::vector<RowEvent>> MeasureStore::RowEvents() {
  {
    absl::MutexLock lock(&mutex_);
    has_row_events_ = false;
  }
  absl::StatusOr<std::vector<RowEvent>> events;
  const absl::Status status = writer_->Run([&](Connection& connection) {
    events = ReadRowEvents(connection);
    return events.status();
  });
  if (!status.ok()) NoteRowEvents();
  NIWAKI_RETURN_IF_ERROR(status);
  return events;
}

absl::Status MeasureStore::ForgetRowEvent(int64_t id) {
  return writer_->Run([id](Connection& connection) { return DeleteRowEvent(connection, id); });
}

bool MeasureStore::has_row_events() const {
  absl::MutexLock lock(&mutex_);
  return has_row_events_;
}

void MeasureStore::NoteRowEvents() {
  absl::MutexLock lock(&mutex_);
  has_row_events_ = true;
}

int64_t MeasureStore::changes() const {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

bool MeasureStore::stopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

void MeasureStore::AwaitChange(int64_t seen, absl::Time deadline) {
  struct Waiting {
    const MeasureStore* store;
    int64_t seen;
  } waiting = {this, seen};
  const auto woken = [](Waiting* w) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return w->store->stopped_ || w->store->changes_ != w->seen;
  };
  absl::MutexLock lock(&mutex_);
  options_.clock->AwaitWithDeadline(mutex_, absl::Condition(+woken, &waiting), deadline);
}

void MeasureStore::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
}

}  // namespace niwaki::measure
