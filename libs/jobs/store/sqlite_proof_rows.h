// Proofs and int8 networks as rows of the coordinator's database, both ways (sqlite_rows.h).

#ifndef NIWAKI_LIBS_JOBS_STORE_SQLITE_PROOF_ROWS_H_
#define NIWAKI_LIBS_JOBS_STORE_SQLITE_PROOF_ROWS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/store/mutations.h"
#include "libs/store/connection.h"
#include "libs/store/statement.h"

namespace niwaki::jobs {

// The step of the schema that brings proofs; jobs of before prove nothing. Released: never edited.
extern const char kProofTables[];

// Columns of the table `proofs` beside its key, and of `int8_networks`, in the order that the
// readers below expect.
extern const char kProofColumns[];
extern const char kNetworkColumns[];

// What stands in kProofColumns from column `first` on; nullopt where they are all NULL. DataLoss
// DATA_CORRUPT for values that no writer of ours makes.
absl::StatusOr<std::optional<Proof>> ReadProof(const store::Statement& row, int first);
// A row of kNetworkColumns.
Int8Network ReadNetwork(const store::Statement& row);

// Proofs of candidates, and networks; the caller holds the transaction.
absl::Status WriteProofs(store::Connection& connection, const Mutations& mutations);
absl::Status WriteNetworks(store::Connection& connection, const Mutations& mutations);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_SQLITE_PROOF_ROWS_H_
