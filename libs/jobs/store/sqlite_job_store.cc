#include "libs/jobs/store/sqlite_job_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/store/fingerprint_bytes.h"
#include "libs/jobs/store/sqlite_proof_rows.h"
#include "libs/jobs/store/sqlite_rows.h"
#include "libs/store/migrate.h"
#include "libs/store/request_log.h"
#include "libs/store/statement.h"
#include "libs/store/transaction.h"

namespace niwaki::jobs {
namespace {

using store::Blob;
using store::Connection;
using store::Statement;

// Steps through the rows that are left.
template <typename T, typename Read>
absl::StatusOr<std::vector<T>> ReadAll(Statement& statement, Read read) {
  std::vector<T> values;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return values;
    absl::StatusOr<T> value = read(statement);
    if (!value.ok()) return value.status();
    values.push_back(*std::move(value));
  }
}

template <typename T, typename Read>
absl::StatusOr<std::optional<T>> ReadOne(Statement& statement, Read read) {
  NIWAKI_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) return std::nullopt;
  absl::StatusOr<T> value = read(statement);
  if (!value.ok()) return value.status();
  return *std::move(value);
}

absl::StatusOr<Score> ReadScore(const Statement& row) {
  return Score{row.ColumnDouble(0), row.ColumnDouble(1), row.ColumnDouble(2), row.ColumnInt(3),
               row.ColumnDouble(4)};
}

// No row before the first leader.
constexpr char kSelectEpoch[] =
    "SELECT coalesce(max(value), 0) FROM counters WHERE name = 'leader_epoch'";

}  // namespace

// Gives its connection back on destruction.
class SqliteJobStore::Reader {
 public:
  Reader(const SqliteJobStore& store, std::unique_ptr<Connection> connection)
      : store_(&store), connection_(std::move(connection)) {}
  Reader(Reader&&) = default;
  ~Reader() {
    if (connection_ == nullptr) return;
    absl::MutexLock lock(&store_->mutex_);
    store_->idle_.push_back(std::move(connection_));
  }
  absl::StatusOr<Statement> Prepare(absl::string_view sql) { return connection_->Prepare(sql); }
  Connection& connection() { return *connection_; }

 private:
  const SqliteJobStore* store_;
  std::unique_ptr<Connection> connection_;
};

absl::StatusOr<std::unique_ptr<SqliteJobStore>> SqliteJobStore::Open(
    const std::string& path, store::ConnectionOptions options) {
  options.exclusive_process = true;
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> writer, Connection::Open(path, options));
  NIWAKI_RETURN_IF_ERROR(store::Migrate(*writer, kApplicationId, Migrations()));
  return std::unique_ptr<SqliteJobStore>(new SqliteJobStore(path, std::move(writer)));
}

absl::StatusOr<SqliteJobStore::Reader> SqliteJobStore::Borrow() const {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return Reader(*this, std::move(connection));
    }
  }
  store::ConnectionOptions options;
  options.read_only = true;
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(path_, options));
  return Reader(*this, std::move(connection));
}

absl::StatusOr<std::optional<Job>> SqliteJobStore::FindJob(absl::string_view job_id) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", kJobColumns, " FROM jobs WHERE id = ?1")));
  statement.BindAll(job_id);
  return ReadOne<Job>(statement, ReadJob);
}

absl::StatusOr<std::optional<Job>> SqliteJobStore::FindJobByUid(int64_t uid) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", kJobColumns, " FROM jobs WHERE uid = ?1")));
  statement.BindAll(uid);
  return ReadOne<Job>(statement, ReadJob);
}

absl::StatusOr<std::optional<Candidate>> SqliteJobStore::FindCandidate(
    const CandidateRef& ref) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", CandidateColumns(), " FROM ", kCandidateTables,
                                  " WHERE job_uid = ?1 AND slot = ?2")));
  statement.BindAll(ref.job_uid, ref.slot);
  return ReadOne<Candidate>(statement, ReadCandidate);
}

absl::StatusOr<std::optional<Score>> SqliteJobStore::FindScore(const ScoreKey& key) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(Statement statement,
                          reader.Prepare("SELECT top1, top5, loss, images, seconds FROM scores "
                                         "WHERE scoring_id = ?1 AND subnet_id = ?2"));
  statement.BindAll(Blob{FingerprintBytes(key.scoring)}, Blob{FingerprintBytes(key.subnet)});
  return ReadOne<Score>(statement, ReadScore);
}

absl::StatusOr<std::optional<Int8Network>> SqliteJobStore::FindNetwork(
    const NetworkKey& key) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(Statement statement,
                          reader.Prepare(absl::StrCat("SELECT ", kNetworkColumns,
                                                      " FROM int8_networks WHERE scoring_id = ?1 "
                                                      "AND subnet_id = ?2 AND "
                                                      "quantiser_version = ?3")));
  statement.BindAll(Blob{FingerprintBytes(key.score.scoring)},
                    Blob{FingerprintBytes(key.score.subnet)}, key.quantiser_version);
  return ReadOne<Int8Network>(statement, [](const Statement& row) -> absl::StatusOr<Int8Network> {
    return ReadNetwork(row);
  });
}

absl::StatusOr<std::optional<Int8Network>> SqliteJobStore::FindNetworkMadeFrom(
    absl::string_view quantise_key) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(Statement statement,
                          reader.Prepare(absl::StrCat("SELECT ", kNetworkColumns,
                                                      " FROM int8_networks WHERE quantise_key = ?1 "
                                                      "ORDER BY committed LIMIT 1")));
  statement.BindAll(quantise_key);
  return ReadOne<Int8Network>(statement, [](const Statement& row) -> absl::StatusOr<Int8Network> {
    return ReadNetwork(row);
  });
}

absl::StatusOr<std::vector<Candidate>> SqliteJobStore::ListProofs(int64_t job_uid) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", CandidateColumns(),
                                  " FROM proofs JOIN candidates USING (job_uid, slot) "
                                  "WHERE job_uid = ?1 ORDER BY slot")));
  statement.BindAll(job_uid);
  return ReadAll<Candidate>(statement, ReadCandidate);
}

absl::StatusOr<absl::flat_hash_map<ScoreKey, Score>> SqliteJobStore::FindScores(
    absl::Span<const ScoreKey> keys) const {
  absl::flat_hash_map<ScoreKey, Score> found;
  if (keys.empty()) return found;
  std::string packed;
  for (const ScoreKey& key : keys) {
    absl::StrAppend(&packed, FingerprintBytes(key.scoring), FingerprintBytes(key.subnet));
  }
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(Statement statement, reader.Prepare(kSelectScores));
  statement.BindAll(Blob{packed}, keys.size());
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, statement.Step());
    if (!row) return found;
    NIWAKI_ASSIGN_OR_RETURN(const Score score, ReadScore(statement));
    found.emplace(keys[statement.ColumnInt(5)], score);
  }
}

absl::StatusOr<absl::flat_hash_map<std::string, RequestRecord>> SqliteJobStore::FindRequests(
    absl::Span<const std::string> request_ids) const {
  absl::flat_hash_map<std::string, RequestRecord> found;
  if (request_ids.empty()) return found;
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(std::vector<RequestRecord> records,
                          store::FindRequests(reader.connection(), request_ids));
  for (RequestRecord& record : records) {
    std::string id = record.request_id;
    found.insert_or_assign(std::move(id), std::move(record));
  }
  return found;
}

absl::StatusOr<std::optional<RequestRecord>> SqliteJobStore::FindRequest(
    absl::string_view request_id) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  return store::FindRequest(reader.connection(), request_id);
}

absl::StatusOr<std::optional<Supernet>> SqliteJobStore::FindSupernet(absl::string_view name) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", kSupernetColumns, " FROM supernets WHERE name = ?1")));
  statement.BindAll(name);
  return ReadOne<Supernet>(statement, [](const Statement& row) -> absl::StatusOr<Supernet> {
    return ReadSupernet(row);
  });
}

absl::StatusOr<std::vector<Job>> SqliteJobStore::ListJobs(int64_t before_uid, int64_t limit) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", kJobColumns,
                                  " FROM jobs WHERE uid < ?1 ORDER BY uid DESC LIMIT ?2")));
  statement.BindAll(before_uid == 0 ? INT64_MAX : before_uid, limit);
  return ReadAll<Job>(statement, ReadJob);
}

absl::StatusOr<std::vector<Candidate>> SqliteJobStore::ListCandidates(
    int64_t job_uid, int64_t from_slot, std::optional<CandidateState> state, int64_t limit) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", CandidateColumns(), " FROM ", kCandidateTables,
                                  " WHERE job_uid = ?1 AND slot >= ?2 AND "
                                  "(?3 = 0 OR state = ?3) ORDER BY slot LIMIT ?4")));
  statement.BindAll(job_uid, from_slot, state.has_value() ? static_cast<int64_t>(*state) : 0,
                    limit);
  return ReadAll<Candidate>(statement, ReadCandidate);
}

absl::StatusOr<std::vector<Supernet>> SqliteJobStore::ListSupernets(absl::string_view after_name,
                                                                    int64_t limit) const {
  NIWAKI_ASSIGN_OR_RETURN(Reader reader, Borrow());
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      reader.Prepare(absl::StrCat("SELECT ", kSupernetColumns,
                                  " FROM supernets WHERE name > ?1 ORDER BY name LIMIT ?2")));
  statement.BindAll(after_name, limit);
  return ReadAll<Supernet>(statement, [](const Statement& row) -> absl::StatusOr<Supernet> {
    return ReadSupernet(row);
  });
}

absl::StatusOr<LiveState> SqliteJobStore::Load() const {
  LiveState state;
  NIWAKI_ASSIGN_OR_RETURN(
      state.next_job_uid,
      writer_->QueryInt("SELECT value FROM counters WHERE name = 'next_job_uid'"));
  NIWAKI_ASSIGN_OR_RETURN(
      Statement jobs, writer_->Prepare(absl::StrCat("SELECT ", kJobColumns,
                                                    " FROM jobs WHERE state <= 3 ORDER BY uid")));
  NIWAKI_ASSIGN_OR_RETURN(state.jobs, ReadAll<Job>(jobs, ReadJob));
  for (const Job& job : state.jobs) {
    NIWAKI_ASSIGN_OR_RETURN(
        Statement open,
        writer_->Prepare(absl::StrCat("SELECT ", CandidateColumns(), " FROM ", kCandidateTables,
                                      " WHERE job_uid = ?1 AND state <= 2 "
                                      "ORDER BY slot")));
    open.BindAll(job.uid);
    NIWAKI_ASSIGN_OR_RETURN(std::vector<Candidate> candidates,
                            ReadAll<Candidate>(open, ReadCandidate));
    for (Candidate& candidate : candidates) {
      const CandidateRef ref = {job.uid, candidate.slot};
      state.open_candidates.emplace_back(ref, std::move(candidate));
    }
  }
  NIWAKI_ASSIGN_OR_RETURN(Statement drained,
                          writer_->Prepare(absl::StrCat("SELECT ", kDrainedWorkerColumns,
                                                        " FROM drained_workers ORDER BY name")));
  NIWAKI_ASSIGN_OR_RETURN(
      state.drained_workers,
      ReadAll<DrainedWorker>(drained, [](const Statement& row) -> absl::StatusOr<DrainedWorker> {
        return ReadDrainedWorker(row);
      }));
  return state;
}

absl::StatusOr<LeaderEpoch> SqliteJobStore::BeginEpoch() {
  absl::StatusOr<LeaderEpoch> epoch = BeginEpochOnce();
  if (!epoch.ok()) return Explain(epoch.status());
  return epoch;
}

absl::StatusOr<LeaderEpoch> SqliteJobStore::BeginEpochOnce() {
  NIWAKI_ASSIGN_OR_RETURN(store::Transaction transaction, store::Transaction::Begin(*writer_));
  {
    NIWAKI_ASSIGN_OR_RETURN(Statement statement,
                            writer_->Prepare("INSERT INTO counters VALUES ('leader_epoch', 1) "
                                             "ON CONFLICT (name) DO UPDATE SET value = value + 1"));
    NIWAKI_RETURN_IF_ERROR(statement.Run());
  }
  NIWAKI_ASSIGN_OR_RETURN(const LeaderEpoch epoch, writer_->QueryInt(kSelectEpoch));
  NIWAKI_RETURN_IF_ERROR(transaction.Commit());
  return epoch;
}

absl::Status SqliteJobStore::CheckEpoch(LeaderEpoch epoch) {
  NIWAKI_ASSIGN_OR_RETURN(const LeaderEpoch current, writer_->QueryInt(kSelectEpoch));
  return epoch == current ? absl::OkStatus() : LeaderFenced(epoch, current);
}

absl::Status SqliteJobStore::Explain(const absl::Status& status) const {
  const std::optional<ErrorDetail> detail = GetErrorDetail(status);
  if (!detail.has_value() || detail->reason != reason::kDiskFull) return status;
  return Error(status.code(), reason::kDiskFull)
      .Field("disk")
      .Value(path_)
      .Message(absl::StrCat("the coordinator cannot write ", path_,
                            ": the disk is full; free some space there, it goes on by itself"));
}

absl::Status SqliteJobStore::Commit(const Mutations& mutations, LeaderEpoch epoch) {
  return Explain(CommitOnce(mutations, epoch));
}

absl::Status SqliteJobStore::CommitOnce(const Mutations& mutations, LeaderEpoch epoch) {
  NIWAKI_ASSIGN_OR_RETURN(store::Transaction transaction, store::Transaction::Begin(*writer_));
  NIWAKI_RETURN_IF_ERROR(CheckEpoch(epoch));
  NIWAKI_RETURN_IF_ERROR(WriteMutations(*writer_, mutations));
  return transaction.Commit();
}

absl::Status SqliteJobStore::Probe(LeaderEpoch epoch) { return Explain(ProbeOnce(epoch)); }

absl::Status SqliteJobStore::ProbeOnce(LeaderEpoch epoch) {
  NIWAKI_ASSIGN_OR_RETURN(store::Transaction transaction, store::Transaction::Begin(*writer_));
  NIWAKI_RETURN_IF_ERROR(CheckEpoch(epoch));
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      writer_->Prepare("UPDATE counters SET value = value + 1 WHERE name = 'probe'"));
  NIWAKI_RETURN_IF_ERROR(statement.Run());
  NIWAKI_RETURN_IF_ERROR(transaction.Commit());
  return writer_->QueryInt("SELECT value FROM counters WHERE name = 'probe'").status();
}

}  // namespace niwaki::jobs
