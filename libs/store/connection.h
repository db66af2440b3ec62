// Connection: one SQLite database, opened the way every store of Niwaki wants it.
//
// WAL journal, synchronous=FULL (an acknowledged commit survives power loss), foreign keys on,
// schema untrusted.

#ifndef NIWAKI_LIBS_STORE_CONNECTION_H_
#define NIWAKI_LIBS_STORE_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/store/process_lock.h"
#include "libs/store/statement.h"

struct sqlite3;
struct sqlite3_stmt;

namespace niwaki::store {

struct ConnectionOptions {
  // No writes, and the file must exist.
  bool read_only = false;
  // A database that lives and dies with the connection; the path is not used.
  bool in_memory = false;
  // Reads every page at opening (PRAGMA quick_check) so that damage is found at once.
  bool quick_check = false;
  // Takes a ProcessLock on the path: a second exclusive opener is refused.
  bool exclusive_process = false;
  // How long a statement waits for another connection's lock before it is Aborted.
  absl::Duration busy_timeout = absl::Seconds(5);
  // Fault seam: asked before each COMMIT of a Transaction; an error is what that commit then fails
  // with.
  std::function<absl::Status()> before_commit;
  // Asked after each COMMIT that took effect; an error is what Transaction::Commit then returns.
  std::function<absl::Status()> after_commit;
};

// Not thread-safe: one thread at a time.
class Connection {
 public:
  // Opens `path`, creating the file (not its folder). Errors: FailedPrecondition DATABASE_LOCKED
  // (exclusive_process); DataLoss DATA_CORRUPT for a file that is not a whole SQLite database;
  // NotFound or PermissionDenied for the folder or file; ResourceExhausted DISK_FULL.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path,
                                                          const ConnectionOptions& options = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The statement of `sql` (exactly one), from the cache when it is not on loan already. Internal
  // for wrong SQL.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);

  // Runs any number of statements without parameters; rows are skipped. For schema and pragmas.
  absl::Status Execute(absl::string_view sql);

  // The first column of the first row of `sql`; Internal when there is none.
  absl::StatusOr<int64_t> QueryInt(absl::string_view sql);

  // Rows changed by the last INSERT, UPDATE or DELETE.
  int64_t changes() const;
  int64_t last_insert_rowid() const;
  // False also after SQLite rolled back by itself (it may on a full disk).
  bool in_transaction() const;

  const std::string& path() const { return path_; }

 private:
  friend class Transaction;
  struct CachedStatement;

  Connection(std::string path, ConnectionOptions options);
  absl::Status OpenFile();
  absl::Status Configure();
  absl::Status QuickCheck();
  absl::StatusOr<sqlite3_stmt*> Compile(absl::string_view sql);

  const std::string path_;
  const ConnectionOptions options_;
  std::unique_ptr<ProcessLock> process_lock_;
  sqlite3* db_ = nullptr;
  absl::flat_hash_map<std::string, std::unique_ptr<CachedStatement>> cache_;
};

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_CONNECTION_H_
