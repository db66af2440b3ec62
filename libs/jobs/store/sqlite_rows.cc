#include "libs/jobs/store/sqlite_rows.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost.h"
#include "libs/cost/figure.h"
#include "libs/cost/provenance.h"
#include "libs/jobs/store/fingerprint_bytes.h"
#include "libs/jobs/store/sqlite_proof_rows.h"
#include "libs/store/request_log.h"

namespace niwaki::jobs {
namespace {

using store::Blob;
using store::Connection;
using store::Statement;

constexpr char kVersion1[] = R"(
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;
INSERT INTO counters VALUES ('next_job_uid', 1), ('probe', 0);

CREATE TABLE jobs (
  uid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  spec TEXT NOT NULL,
  space TEXT NOT NULL,
  supernet_digest TEXT NOT NULL,
  state INTEGER NOT NULL,
  state_reason TEXT NOT NULL,
  create_time_us INTEGER NOT NULL,
  end_time_us INTEGER,
  version INTEGER NOT NULL,
  proposed INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  leased INTEGER NOT NULL,
  scored INTEGER NOT NULL,
  infeasible INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  front_size INTEGER NOT NULL,
  conflicts INTEGER NOT NULL
) STRICT;

CREATE TABLE candidates (
  job_uid INTEGER NOT NULL REFERENCES jobs (uid) ON DELETE CASCADE,
  slot INTEGER NOT NULL,
  state INTEGER NOT NULL,
  state_reason TEXT NOT NULL,
  subnet_json TEXT NOT NULL,
  subnet_id BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  worker TEXT NOT NULL,
  strikes TEXT NOT NULL,
  cached INTEGER NOT NULL,
  sram_bytes INTEGER NOT NULL,
  flash_bytes INTEGER NOT NULL,
  macs INTEGER NOT NULL,
  params INTEGER NOT NULL,
  latency_us REAL NOT NULL,
  latency_us_low REAL NOT NULL,
  latency_us_high REAL NOT NULL,
  latency_provenance INTEGER NOT NULL,
  energy_mj REAL NOT NULL,
  energy_mj_low REAL NOT NULL,
  energy_mj_high REAL NOT NULL,
  energy_provenance INTEGER NOT NULL,
  top1 REAL,
  top5 REAL,
  loss REAL,
  images INTEGER,
  seconds REAL,
  PRIMARY KEY (job_uid, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE scorings (
  id BLOB PRIMARY KEY,
  supernet_digest TEXT NOT NULL,
  data_digest TEXT NOT NULL,
  calibration_images INTEGER NOT NULL,
  evaluation_images INTEGER NOT NULL,
  precision TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scores (
  scoring_id BLOB NOT NULL,
  subnet_id BLOB NOT NULL,
  top1 REAL NOT NULL,
  top5 REAL NOT NULL,
  loss REAL NOT NULL,
  images INTEGER NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (scoring_id, subnet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE supernets (
  name TEXT PRIMARY KEY,
  space TEXT NOT NULL,
  digest TEXT NOT NULL,
  data_digest TEXT NOT NULL,
  create_time_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// Workers that are to leave.
constexpr char kDrainedWorkersTable[] = R"(
CREATE TABLE drained_workers (
  name TEXT PRIMARY KEY,
  precision TEXT NOT NULL,
  drain_time_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

// What the images of a scoring are of. Without a version of its own an older program would take
// test jobs for searches.
constexpr char kSplitOfScorings[] = R"(
ALTER TABLE scorings ADD COLUMN split INTEGER NOT NULL DEFAULT 1;
)";

// Which schedule a candidate's costs are of; empty in rows of before.
constexpr char kScheduleOfCosts[] = R"(
ALTER TABLE candidates ADD COLUMN schedule TEXT NOT NULL DEFAULT '';
)";

constexpr char kOwnCandidateColumns[] =
    "job_uid, slot, state, state_reason, subnet_json, subnet_id, epoch, worker, strikes, cached, "
    "sram_bytes, flash_bytes, macs, params, latency_us, latency_us_low, latency_us_high, "
    "latency_provenance, energy_mj, energy_mj_low, energy_mj_high, energy_provenance, top1, top5, "
    "loss, images, seconds, schedule";
// Of a row of CandidateColumns().
constexpr int kFirstProofColumn = 28;

absl::Status Damaged(absl::string_view what, int64_t value) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(what)
      .Value(value)
      .Message(absl::StrCat("stored ", what, " ", value, " has no meaning"));
}

absl::StatusOr<Fingerprint> ReadFingerprint(absl::string_view bytes) {
  if (bytes.size() != 16) return Damaged("fingerprint length", bytes.size());
  Fingerprint fingerprint;
  for (int i = 0; i < 8; ++i) {
    fingerprint.high = fingerprint.high << 8 | static_cast<uint8_t>(bytes[i]);
    fingerprint.low = fingerprint.low << 8 | static_cast<uint8_t>(bytes[8 + i]);
  }
  return fingerprint;
}

// What a row holds of a figure; all 0 where it is not known.
struct FigureColumns {
  double value = 0;
  double low = 0;
  double high = 0;
};

FigureColumns ColumnsOf(const cost::Figure& figure) {
  if (!figure.known()) return {};
  return {figure.value(), figure.low(), figure.high()};
}

absl::StatusOr<cost::Figure> ReadFigure(const Statement& row, int column, absl::string_view what) {
  const int64_t number = row.ColumnInt(column + 3);
  const std::optional<cost::Provenance> provenance = cost::ProvenanceFromNumber(number);
  if (!provenance.has_value()) return Damaged(absl::StrCat(what, " provenance"), number);
  if (*provenance == cost::Provenance::kUnknown) return cost::Figure();
  const double value = row.ColumnDouble(column);
  // Rows of before may hold an interval beside the value: they were not compared.
  const cost::Figure figure =
      cost::Figure::Of(value, std::min(row.ColumnDouble(column + 1), value),
                       std::max(row.ColumnDouble(column + 2), value), *provenance);
  if (!figure.known()) return Damaged(what, static_cast<int64_t>(value));
  return figure;
}

absl::Status ReadFigures(const Statement& row, cost::Cost& cost) {
  NIWAKI_ASSIGN_OR_RETURN(cost.latency_us, ReadFigure(row, 14, "latency"));
  NIWAKI_ASSIGN_OR_RETURN(cost.energy_mj, ReadFigure(row, 18, "energy"));
  // In rows of before a device without a power gave a predicted energy of 0.
  if (cost.energy_mj.value_if_known() == 0 && cost.latency_us.value_if_known() != 0) {
    cost.energy_mj = cost::Figure();
  }
  return absl::OkStatus();
}

absl::Status WriteJob(Connection& connection, const Job& job) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      connection.Prepare(
          "INSERT INTO jobs VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,"
          "?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29,?30,?31) ON CONFLICT (uid) DO UPDATE SET "
          "state = ?6, state_reason = ?7, "
          "end_time_us = ?9, version = ?10, proposed = ?11, pending = ?12, leased = ?13, "
          "scored = ?14, infeasible = ?15, failed = ?16, rejected = ?17, cached = ?18, "
          "front_size = ?19, conflicts = ?20, extra_slots = ?21, proof_round = ?22, "
          "proof_board = ?23, prover_seen = ?24, proofs_pending = ?25, proofs_leased = ?26, "
          "proofs_quantised = ?27, proofs_measuring = ?28, proofs_proven = ?29, "
          "proofs_refused = ?30, proofs_failed = ?31"));
  const JobCounters& c = job.counters;
  statement.BindAll(job.uid, job.id, JobSpecToJson(job.spec), job.space_text, job.supernet_digest,
                    job.state, job.state_reason, absl::ToUnixMicros(job.create_time), nullptr,
                    job.version, c.proposed, c.pending, c.leased, c.scored, c.infeasible, c.failed,
                    c.rejected, c.cached, c.front_size, c.conflicts, job.extra_slots,
                    job.proof_round, job.proof_board, job.prover_seen, c.proof.pending,
                    c.proof.leased, c.proof.quantised, c.proof.measuring, c.proof.proven,
                    c.proof.refused, c.proof.failed);
  if (job.end_time.has_value()) statement.BindInt(9, absl::ToUnixMicros(*job.end_time));
  return statement.Step().status();
}

absl::Status WriteScoring(Connection& connection, const Job& job) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      connection.Prepare("INSERT OR IGNORE INTO scorings VALUES (?1,?2,?3,?4,?5,?6,?7)"));
  const Evaluation& evaluation = job.spec.evaluation;
  return statement.Run(Blob{FingerprintBytes(job.scoring())}, job.supernet_digest,
                       evaluation.data_digest, evaluation.calibration_images,
                       evaluation.evaluation_images, evaluation.precision, evaluation.split);
}

absl::Status WriteJobs(Connection& connection, const Mutations& mutations) {
  for (const auto& [uid, job] : mutations.jobs) {
    NIWAKI_RETURN_IF_ERROR(WriteJob(connection, job));
    // Only while the job is young: the row never changes, and a known score means that it is there.
    if (job.counters.outcomes() == 0) NIWAKI_RETURN_IF_ERROR(WriteScoring(connection, job));
  }
  return absl::OkStatus();
}

absl::Status WriteCandidates(Connection& connection, const Mutations& mutations) {
  if (mutations.candidates.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      connection.Prepare(
          "INSERT OR REPLACE INTO candidates VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
          "?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28)"));
  for (const auto& [ref, candidate] : mutations.candidates) {
    const cost::Cost& cost = candidate.cost;
    const FigureColumns latency = ColumnsOf(cost.latency_us);
    const FigureColumns energy = ColumnsOf(cost.energy_mj);
    statement.Reset();
    statement.BindAll(ref.job_uid, ref.slot, candidate.state, candidate.state_reason,
                      candidate.subnet_json, Blob{FingerprintBytes(candidate.subnet_id)},
                      candidate.epoch, candidate.worker, absl::StrJoin(candidate.strikes, " "),
                      candidate.cached, cost.sram_bytes, cost.flash_bytes, cost.macs, cost.params,
                      latency.value, latency.low, latency.high, cost.latency_us.provenance(),
                      energy.value, energy.low, energy.high, cost.energy_mj.provenance());
    if (candidate.score.has_value()) {
      statement.BindDouble(23, candidate.score->top1);
      statement.BindDouble(24, candidate.score->top5);
      statement.BindDouble(25, candidate.score->loss);
      statement.BindInt(26, candidate.score->images);
      statement.BindDouble(27, candidate.score->seconds);
    }
    statement.BindText(28, cost.schedule);
    NIWAKI_RETURN_IF_ERROR(statement.Step().status());
  }
  return absl::OkStatus();
}

absl::Status WriteScores(Connection& connection, const Mutations& mutations) {
  if (mutations.scores.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      connection.Prepare("INSERT OR IGNORE INTO scores VALUES (?1,?2,?3,?4,?5,?6,?7)"));
  for (const auto& [key, score] : mutations.scores) {
    NIWAKI_RETURN_IF_ERROR(statement.Run(Blob{FingerprintBytes(key.scoring)},
                                         Blob{FingerprintBytes(key.subnet)}, score.top1, score.top5,
                                         score.loss, score.images, score.seconds));
  }
  return absl::OkStatus();
}

absl::Status WriteRequests(Connection& connection, const Mutations& mutations) {
  for (const auto& [id, request] : mutations.requests) {
    NIWAKI_RETURN_IF_ERROR(store::WriteRequest(connection, request));
  }
  if (!mutations.forget_requests_before.has_value()) return absl::OkStatus();
  return store::ForgetRequestsBefore(connection, *mutations.forget_requests_before);
}

absl::Status WriteSupernets(Connection& connection, const Mutations& mutations) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement statement,
      connection.Prepare("INSERT OR REPLACE INTO supernets VALUES (?1,?2,?3,?4,?5)"));
  for (const auto& [name, supernet] : mutations.supernets) {
    NIWAKI_RETURN_IF_ERROR(statement.Run(name, supernet.space_text, supernet.digest,
                                         supernet.data_digest,
                                         absl::ToUnixMicros(supernet.create_time)));
  }
  return absl::OkStatus();
}

absl::Status WriteDrainedWorkers(Connection& connection, const Mutations& mutations) {
  for (const auto& [name, drained] : mutations.drained_workers) {
    NIWAKI_ASSIGN_OR_RETURN(
        Statement statement,
        connection.Prepare(drained.has_value()
                               ? "INSERT OR REPLACE INTO drained_workers VALUES (?1,?2,?3)"
                               : "DELETE FROM drained_workers WHERE name = ?1"));
    NIWAKI_RETURN_IF_ERROR(
        drained.has_value()
            ? statement.Run(name, drained->precision, absl::ToUnixMicros(drained->drain_time))
            : statement.Run(name));
  }
  return absl::OkStatus();
}

}  // namespace

const char kDrainedWorkerColumns[] = "name, precision, drain_time_us";
const char kJobColumns[] =
    "uid, id, spec, space, supernet_digest, state, state_reason, create_time_us, end_time_us, "
    "version, proposed, pending, leased, scored, infeasible, failed, rejected, cached, front_size, "
    "conflicts, extra_slots, proof_round, proof_board, prover_seen, proofs_pending, "
    "proofs_leased, proofs_quantised, proofs_measuring, proofs_proven, proofs_refused, "
    "proofs_failed";
const char kCandidateTables[] = "candidates LEFT JOIN proofs USING (job_uid, slot)";
const char kSupernetColumns[] = "name, space, digest, data_digest, create_time_us";
// `key` stands left of the join, so each key is one search in the primary key of `scores`; the same
// question as `(scoring_id, subnet_id) IN (…)` reads the whole table.
const char kSelectScores[] = R"(
WITH RECURSIVE key(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM key WHERE n + 1 < ?2)
SELECT top1, top5, loss, images, seconds, n FROM key CROSS JOIN scores
  ON scoring_id = substr(?1, 32 * n + 1, 16) AND subnet_id = substr(?1, 32 * n + 17, 16))";

const std::vector<std::string>& Migrations() {
  static const auto& migrations = *new std::vector<std::string>{
      absl::StrCat(kVersion1, store::kRequestLogSchema), kDrainedWorkersTable, kSplitOfScorings,
      kScheduleOfCosts, kProofTables};
  return migrations;
}

const std::string& CandidateColumns() {
  static const auto& columns =
      *new std::string(absl::StrCat(kOwnCandidateColumns, ", ", kProofColumns));
  return columns;
}

absl::StatusOr<Job> ReadJob(const Statement& row) {
  Job job;
  job.uid = row.ColumnInt(0);
  job.id = std::string(row.ColumnText(1));
  NIWAKI_ASSIGN_OR_RETURN(job.spec, JobSpecFromJson(row.ColumnText(2)));
  job.space_text = std::string(row.ColumnText(3));
  job.supernet_digest = std::string(row.ColumnText(4));
  const int64_t state = row.ColumnInt(5);
  if (state < 1 || state > static_cast<int64_t>(JobState::kCancelled)) {
    return Damaged("job state", state);
  }
  job.state = static_cast<JobState>(state);
  job.state_reason = std::string(row.ColumnText(6));
  job.create_time = absl::FromUnixMicros(row.ColumnInt(7));
  if (!row.ColumnIsNull(8)) job.end_time = absl::FromUnixMicros(row.ColumnInt(8));
  job.version = row.ColumnInt(9);
  job.counters = {row.ColumnInt(10), row.ColumnInt(11), row.ColumnInt(12), row.ColumnInt(13),
                  row.ColumnInt(14), row.ColumnInt(15), row.ColumnInt(16), row.ColumnInt(17),
                  row.ColumnInt(18), row.ColumnInt(19), ProofCounters()};
  job.extra_slots = row.ColumnInt(20);
  job.proof_round = row.ColumnInt(21);
  job.proof_board = std::string(row.ColumnText(22));
  job.prover_seen = row.ColumnInt(23) != 0;
  job.counters.proof = {row.ColumnInt(24), row.ColumnInt(25), row.ColumnInt(26), row.ColumnInt(27),
                        row.ColumnInt(28), row.ColumnInt(29), row.ColumnInt(30)};
  return job;
}

absl::StatusOr<Candidate> ReadCandidate(const Statement& row) {
  Candidate candidate;
  candidate.slot = row.ColumnInt(1);
  const int64_t state = row.ColumnInt(2);
  if (state < 1 || state > static_cast<int64_t>(CandidateState::kFailed)) {
    return Damaged("candidate state", state);
  }
  candidate.state = static_cast<CandidateState>(state);
  candidate.state_reason = std::string(row.ColumnText(3));
  candidate.subnet_json = std::string(row.ColumnText(4));
  NIWAKI_ASSIGN_OR_RETURN(candidate.subnet_id, ReadFingerprint(row.ColumnBlob(5)));
  candidate.epoch = row.ColumnInt(6);
  candidate.worker = std::string(row.ColumnText(7));
  candidate.strikes = absl::StrSplit(row.ColumnText(8), ' ', absl::SkipEmpty());
  candidate.cached = row.ColumnInt(9) != 0;
  candidate.cost.sram_bytes = row.ColumnInt(10);
  candidate.cost.flash_bytes = row.ColumnInt(11);
  candidate.cost.macs = row.ColumnInt(12);
  candidate.cost.params = row.ColumnInt(13);
  NIWAKI_RETURN_IF_ERROR(ReadFigures(row, candidate.cost));
  candidate.cost.schedule = std::string(row.ColumnText(27));
  if (!row.ColumnIsNull(22)) {
    candidate.score = Score{row.ColumnDouble(22), row.ColumnDouble(23), row.ColumnDouble(24),
                            row.ColumnInt(25), row.ColumnDouble(26)};
  }
  if (candidate.state == CandidateState::kScored && !candidate.score.has_value()) {
    return Damaged("candidate without the score of its state", state);
  }
  NIWAKI_ASSIGN_OR_RETURN(candidate.proof, ReadProof(row, kFirstProofColumn));
  return candidate;
}

Supernet ReadSupernet(const Statement& row) {
  return {std::string(row.ColumnText(0)), std::string(row.ColumnText(1)),
          std::string(row.ColumnText(2)), std::string(row.ColumnText(3)),
          absl::FromUnixMicros(row.ColumnInt(4))};
}

DrainedWorker ReadDrainedWorker(const Statement& row) {
  return {std::string(row.ColumnText(0)), std::string(row.ColumnText(1)),
          absl::FromUnixMicros(row.ColumnInt(2))};
}

absl::Status WriteMutations(Connection& connection, const Mutations& mutations) {
  for (const int64_t uid : mutations.deleted_jobs) {
    NIWAKI_ASSIGN_OR_RETURN(Statement statement,
                            connection.Prepare("DELETE FROM jobs WHERE uid = ?1"));
    NIWAKI_RETURN_IF_ERROR(statement.Run(uid));
  }
  if (mutations.next_job_uid.has_value()) {
    NIWAKI_ASSIGN_OR_RETURN(
        Statement statement,
        connection.Prepare("UPDATE counters SET value = ?1 WHERE name = 'next_job_uid'"));
    NIWAKI_RETURN_IF_ERROR(statement.Run(*mutations.next_job_uid));
  }
  NIWAKI_RETURN_IF_ERROR(WriteJobs(connection, mutations));
  NIWAKI_RETURN_IF_ERROR(WriteCandidates(connection, mutations));
  NIWAKI_RETURN_IF_ERROR(WriteProofs(connection, mutations));
  NIWAKI_RETURN_IF_ERROR(WriteScores(connection, mutations));
  NIWAKI_RETURN_IF_ERROR(WriteNetworks(connection, mutations));
  NIWAKI_RETURN_IF_ERROR(WriteSupernets(connection, mutations));
  NIWAKI_RETURN_IF_ERROR(WriteDrainedWorkers(connection, mutations));
  return WriteRequests(connection, mutations);
}

}  // namespace niwaki::jobs
