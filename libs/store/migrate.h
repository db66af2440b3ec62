// Migrate: brings a database to this program's schema.

#ifndef NIWAKI_LIBS_STORE_MIGRATE_H_
#define NIWAKI_LIBS_STORE_MIGRATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/store/connection.h"

namespace niwaki::store {

// `migrations[i]` (SQL, any number of statements) takes a database from version i to i + 1;
// versions live in PRAGMA user_version, each step in a transaction of its own. A released migration
// is never edited: add another. `application_id` (not 0) marks whose database it is.
//
// FailedPrecondition SCHEMA_TOO_NEW when the database's version is above migrations.size(), naming
// both; FailedPrecondition DATABASE_FOREIGN when it belongs to another application; DataLoss for a
// damaged file.
absl::Status Migrate(Connection& connection, int32_t application_id,
                     const std::vector<std::string>& migrations);

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_MIGRATE_H_
