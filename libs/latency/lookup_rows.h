// Rows of the lookup table's database: each holds in a range of the table's versions and is never
// changed, only ended. What entries are of (RowBuild) stands once, in table `build`.

#ifndef NIWAKI_LIBS_LATENCY_LOOKUP_ROWS_H_
#define NIWAKI_LIBS_LATENCY_LOOKUP_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/cost/provenance.h"
#include "libs/device/device.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/snapshot.h"
#include "libs/store/connection.h"

namespace niwaki::latency {

// Of store::Migrate.
const std::vector<std::string>& LookupMigrations();

// What an entry can be of.
bool IsOfEntry(cost::Provenance provenance);
// Of an operator or a block; InvalidArgument.
absl::Status CheckSignature(absl::string_view text);

// Versions that can be loaded, both ends included. A database of before there was history begins at
// the version that it had then.
struct KeptVersions {
  int64_t oldest = 0;
  int64_t newest = 0;
};
absl::StatusOr<KeptVersions> ReadKeptVersions(store::Connection& connection);
// The newest version grows by one.
absl::Status BumpVersion(store::Connection& connection);

// Rows that hold from `version` on, the one after the newest; the row of the same key ends there.
// Whether anything changed: an entry or a device that is there already holds on.
absl::StatusOr<bool> PutRow(store::Connection& connection, const LookupEntry& entry,
                            int64_t version);
absl::Status PutRow(store::Connection& connection, const LatencyModel& model, int64_t version);
absl::StatusOr<bool> PutRow(store::Connection& connection, const device::Device& device,
                            int64_t version);
// Ends the entries of an operator, or with an empty signature all of a device. How many there were.
absl::StatusOr<int64_t> EndEntries(store::Connection& connection, const std::string& device,
                                   const std::string& signature, int64_t version);

// Ends the entries that a measurement brought, and says which.
absl::StatusOr<std::vector<EntryKey>> EndRowsOf(store::Connection& connection,
                                                const std::string& measurement, int64_t version);

// Puts all that holds in `version` into `editor`. DataLoss DATA_CORRUPT for rows that cannot be.
absl::Status LoadVersion(store::Connection& connection, int64_t version, SnapshotEditor& editor);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_LOOKUP_ROWS_H_
