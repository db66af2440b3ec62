#include "libs/store/migrate.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/store/transaction.h"

namespace niwaki::store {
namespace {

absl::Status CheckOwner(Connection& connection, int32_t application_id) {
  NIWAKI_ASSIGN_OR_RETURN(const int64_t found, connection.QueryInt("PRAGMA application_id"));
  if (found == application_id) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const int64_t objects,
                          connection.QueryInt("SELECT count(*) FROM sqlite_schema"));
  if (found == 0 && objects == 0) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kDatabaseForeign)
      .Field(connection.path())
      .Value(found)
      .Limit(application_id)
      .Message(absl::StrCat(connection.path(), " is a database of another application (id ", found,
                            ", not ", application_id, ")"));
}

absl::Status ApplyOne(Connection& connection, int32_t application_id, const std::string& sql,
                      size_t version) {
  NIWAKI_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection));
  NIWAKI_RETURN_IF_ERROR(connection.Execute(sql));
  NIWAKI_RETURN_IF_ERROR(connection.Execute(
      absl::StrCat("PRAGMA application_id=", application_id, "; PRAGMA user_version=", version)));
  return transaction.Commit();
}

}  // namespace

absl::Status Migrate(Connection& connection, int32_t application_id,
                     const std::vector<std::string>& migrations) {
  NIWAKI_RETURN_IF_ERROR(CheckOwner(connection, application_id));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t version, connection.QueryInt("PRAGMA user_version"));
  const int64_t newest = static_cast<int64_t>(migrations.size());
  if (version > newest) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew)
        .Field(connection.path())
        .Value(version)
        .Limit(newest)
        .Message(absl::StrCat(connection.path(), " has schema version ", version,
                              ", this program knows ", newest, ": use a newer program"));
  }
  for (int64_t i = version; i < newest; ++i) {
    NIWAKI_RETURN_IF_ERROR(
        Annotate(ApplyOne(connection, application_id, migrations[i], i + 1),
                 absl::StrCat("migration of ", connection.path(), " to version ", i + 1)));
  }
  return absl::OkStatus();
}

}  // namespace niwaki::store
