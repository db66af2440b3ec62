// Jobs, candidates and their kin as rows of the coordinator's database, both ways.

#ifndef NIWAKI_LIBS_JOBS_STORE_SQLITE_ROWS_H_
#define NIWAKI_LIBS_JOBS_STORE_SQLITE_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/jobs/store/mutations.h"
#include "libs/store/connection.h"
#include "libs/store/statement.h"

namespace niwaki::jobs {

// "Niwa" as a number: marks the coordinator's databases.
inline constexpr int32_t kApplicationId = 0x4E697761;

// What makes version i + 1 of the schema from version i. Released steps are never edited.
const std::vector<std::string>& Migrations();

// Column lists in the order that the readers below expect.
extern const char kJobColumns[];
// Of candidates with their proofs, and the tables that they stand in, joined.
const std::string& CandidateColumns();
extern const char kCandidateTables[];
extern const char kSupernetColumns[];
extern const char kDrainedWorkerColumns[];

// Many scores at once. Parameter 1 holds the keys, 32 bytes each: id of the scoring, then of the
// network; parameter 2 is how many, from 1. Columns: those of a score, then the index of its key.
extern const char kSelectScores[];

// The row that `statement` stands on. DataLoss DATA_CORRUPT for values that no writer of ours
// makes.
absl::StatusOr<Job> ReadJob(const store::Statement& statement);
absl::StatusOr<Candidate> ReadCandidate(const store::Statement& statement);
Supernet ReadSupernet(const store::Statement& statement);
DrainedWorker ReadDrainedWorker(const store::Statement& statement);

// Writes everything; the caller holds the transaction.
absl::Status WriteMutations(store::Connection& connection, const Mutations& mutations);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_SQLITE_ROWS_H_
