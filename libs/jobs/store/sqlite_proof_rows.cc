#include "libs/jobs/store/sqlite_proof_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/store/fingerprint_bytes.h"

namespace niwaki::jobs {
namespace {

using store::Blob;
using store::Connection;
using store::Statement;

absl::Status Damaged(absl::string_view what, int64_t value) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(what)
      .Value(value)
      .Message(absl::StrCat("stored ", what, " ", value, " has no meaning"));
}

Score ReadScoreAt(const Statement& row, int column) {
  return {row.ColumnDouble(column), row.ColumnDouble(column + 1), row.ColumnDouble(column + 2),
          row.ColumnInt(column + 3), row.ColumnDouble(column + 4)};
}

// From kNetworkColumns, which stand from `column` on.
Int8Network ReadNetworkAt(const Statement& row, int column) {
  Int8Network network;
  network.digest = std::string(row.ColumnText(column));
  network.quantiser_version = row.ColumnInt(column + 1);
  network.quantise_key = std::string(row.ColumnText(column + 2));
  network.score = ReadScoreAt(row, column + 3);
  if (!row.ColumnIsNull(column + 8)) network.test_score = ReadScoreAt(row, column + 8);
  return network;
}

void BindScore(Statement& statement, int first, const std::optional<Score>& score) {
  if (!score.has_value()) return;
  statement.BindDouble(first, score->top1);
  statement.BindDouble(first + 1, score->top5);
  statement.BindDouble(first + 2, score->loss);
  statement.BindInt(first + 3, score->images);
  statement.BindDouble(first + 4, score->seconds);
}

}  // namespace

const char kProofTables[] = R"(
ALTER TABLE jobs ADD COLUMN extra_slots INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proof_round INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proof_board TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN prover_seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proofs_pending INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proofs_leased INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proofs_quantised INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proofs_measuring INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proofs_proven INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proofs_refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN proofs_failed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE proofs (
  job_uid INTEGER NOT NULL REFERENCES jobs (uid) ON DELETE CASCADE,
  slot INTEGER NOT NULL,
  proof_state INTEGER NOT NULL,
  proof_reason TEXT NOT NULL,
  round INTEGER NOT NULL,
  proof_cached INTEGER NOT NULL,
  proof_strikes TEXT NOT NULL,
  measurement TEXT NOT NULL,
  measurements INTEGER NOT NULL,
  figures TEXT NOT NULL,
  digest TEXT,
  quantiser_version INTEGER,
  quantise_key TEXT,
  int8_top1 REAL,
  int8_top5 REAL,
  int8_loss REAL,
  int8_images INTEGER,
  int8_seconds REAL,
  test_top1 REAL,
  test_top5 REAL,
  test_loss REAL,
  test_images INTEGER,
  test_seconds REAL,
  PRIMARY KEY (job_uid, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE int8_networks (
  scoring_id BLOB NOT NULL,
  subnet_id BLOB NOT NULL,
  quantiser_version INTEGER NOT NULL,
  digest TEXT NOT NULL,
  quantise_key TEXT NOT NULL,
  int8_top1 REAL NOT NULL,
  int8_top5 REAL NOT NULL,
  int8_loss REAL NOT NULL,
  int8_images INTEGER NOT NULL,
  int8_seconds REAL NOT NULL,
  test_top1 REAL,
  test_top5 REAL,
  test_loss REAL,
  test_images INTEGER,
  test_seconds REAL,
  committed INTEGER PRIMARY KEY,
  UNIQUE (scoring_id, subnet_id, quantiser_version)
) STRICT;
CREATE INDEX int8_networks_by_quantise_key ON int8_networks (quantise_key, committed);
)";

const char kProofColumns[] =
    "proof_state, proof_reason, round, proof_cached, proof_strikes, measurement, measurements, "
    "figures, digest, quantiser_version, quantise_key, int8_top1, int8_top5, int8_loss, "
    "int8_images, int8_seconds, test_top1, test_top5, test_loss, test_images, test_seconds";
const char kNetworkColumns[] =
    "digest, quantiser_version, quantise_key, int8_top1, int8_top5, int8_loss, int8_images, "
    "int8_seconds, test_top1, test_top5, test_loss, test_images, test_seconds";

absl::StatusOr<std::optional<Proof>> ReadProof(const Statement& row, int first) {
  if (row.ColumnIsNull(first)) return std::nullopt;
  Proof proof;
  const int64_t state = row.ColumnInt(first);
  if (state < 1 || state > static_cast<int64_t>(ProofState::kFailed)) {
    return Damaged("proof state", state);
  }
  proof.state = static_cast<ProofState>(state);
  proof.reason = std::string(row.ColumnText(first + 1));
  proof.round = row.ColumnInt(first + 2);
  proof.cached = row.ColumnInt(first + 3) != 0;
  proof.strikes = absl::StrSplit(row.ColumnText(first + 4), ' ', absl::SkipEmpty());
  proof.measurement = std::string(row.ColumnText(first + 5));
  proof.measurements = row.ColumnInt(first + 6);
  if (!row.ColumnText(first + 7).empty()) {
    NIWAKI_ASSIGN_OR_RETURN(proof.figures, BoardFiguresFromJson(row.ColumnText(first + 7)));
  }
  if (!row.ColumnIsNull(first + 8)) proof.network = ReadNetworkAt(row, first + 8);
  if (proof.state == ProofState::kProven && !proof.network.has_value()) {
    return Damaged("proof without the network of its state", state);
  }
  return proof;
}

Int8Network ReadNetwork(const Statement& row) { return ReadNetworkAt(row, 0); }

absl::Status WriteProofs(Connection& connection, const Mutations& mutations) {
  for (const auto& [ref, candidate] : mutations.candidates) {
    if (!candidate.proof.has_value()) continue;
    NIWAKI_ASSIGN_OR_RETURN(
        Statement statement,
        connection.Prepare("INSERT OR REPLACE INTO proofs VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
                           "?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)"));
    const Proof& proof = *candidate.proof;
    statement.BindAll(ref.job_uid, ref.slot, proof.state, proof.reason, proof.round, proof.cached,
                      absl::StrJoin(proof.strikes, " "), proof.measurement, proof.measurements,
                      proof.figures.has_value() ? BoardFiguresToJson(*proof.figures) : "");
    if (proof.network.has_value()) {
      statement.BindText(11, proof.network->digest);
      statement.BindInt(12, proof.network->quantiser_version);
      statement.BindText(13, proof.network->quantise_key);
      BindScore(statement, 14, proof.network->score);
      BindScore(statement, 19, proof.network->test_score);
    }
    NIWAKI_RETURN_IF_ERROR(statement.Step().status());
  }
  return absl::OkStatus();
}

absl::Status WriteNetworks(Connection& connection, const Mutations& mutations) {
  for (const auto& [key, network] : mutations.networks) {
    NIWAKI_ASSIGN_OR_RETURN(
        Statement statement,
        connection.Prepare("INSERT OR IGNORE INTO int8_networks VALUES (?1,?2,?3,?4,?5,?6,?7,?8,"
                           "?9,?10,?11,?12,?13,?14,?15,NULL)"));
    statement.BindAll(Blob{FingerprintBytes(key.score.scoring)},
                      Blob{FingerprintBytes(key.score.subnet)}, key.quantiser_version,
                      network.digest, network.quantise_key);
    BindScore(statement, 6, network.score);
    BindScore(statement, 11, network.test_score);
    NIWAKI_RETURN_IF_ERROR(statement.Step().status());
  }
  return absl::OkStatus();
}

}  // namespace niwaki::jobs
