#include "libs/store/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/store/sqlite_status.h"

namespace niwaki::store {
namespace {

// Statements beyond this many are prepared anew each time: the cache holds a program's fixed set of
// texts.
constexpr size_t kMaxCachedStatements = 256;

// By the effective user, which is the one that opens files.
bool MayAccess(const std::string& path, int mode) {
  return faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

// Why a database could not be opened, as precisely as the system tells.
absl::Status ExplainCannotOpen(const std::string& path, bool read_only) {
  if (read_only && !MayAccess(path, R_OK)) return ErrnoToStatus(errno, path);
  std::string copy = path;
  const std::string folder = dirname(copy.data());
  if (!MayAccess(folder, W_OK | X_OK)) return ErrnoToStatus(errno, folder);
  if (MayAccess(path, F_OK) && !MayAccess(path, R_OK | W_OK)) {
    return ErrnoToStatus(errno, path);
  }
  return SqliteCodeToStatus(SQLITE_CANTOPEN, path, "unable to open database file");
}

}  // namespace

struct Connection::CachedStatement {
  ~CachedStatement() { sqlite3_finalize(statement); }
  sqlite3_stmt* statement = nullptr;
  bool in_use = false;
};

Connection::Connection(std::string path, ConnectionOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

Connection::~Connection() {
  cache_.clear();
  sqlite3_close(db_);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path,
                                                             const ConnectionOptions& options) {
  auto connection =
      absl::WrapUnique(new Connection(options.in_memory ? ":memory:" : path, options));
  if (options.exclusive_process && !options.in_memory) {
    NIWAKI_ASSIGN_OR_RETURN(connection->process_lock_, ProcessLock::Acquire(path));
  }
  NIWAKI_RETURN_IF_ERROR(connection->OpenFile());
  absl::Status status = connection->Configure();
  if (status.ok() && options.quick_check) status = connection->QuickCheck();
  if (!status.ok()) return Annotate(status, connection->path_);
  return connection;
}

absl::Status Connection::OpenFile() {
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (options_.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(path_.c_str(), &db_, flags, nullptr);
  if ((code & 0xff) == SQLITE_CANTOPEN) return ExplainCannotOpen(path_, options_.read_only);
  return SqliteStatus(db_, code, path_);
}

absl::Status Connection::Configure() {
  sqlite3_busy_timeout(db_, static_cast<int>(absl::ToInt64Milliseconds(options_.busy_timeout)));
  // The first read of the file: finds what is not a database.
  NIWAKI_RETURN_IF_ERROR(QueryInt("PRAGMA schema_version").status());
  if (!options_.read_only && !options_.in_memory) {
    if (sqlite3_db_readonly(db_, "main") == 1) {
      return Error(absl::StatusCode::kPermissionDenied, reason::kSystemError)
          .Field("file")
          .Value(path_)
          .Message("the database file cannot be written");
    }
    NIWAKI_RETURN_IF_ERROR(Execute("PRAGMA journal_mode=WAL"));
  }
  return Execute(
      "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
      "PRAGMA temp_store=MEMORY");
}

absl::Status Connection::QuickCheck() {
  NIWAKI_ASSIGN_OR_RETURN(Statement check, Prepare("PRAGMA quick_check(1)"));
  NIWAKI_ASSIGN_OR_RETURN(const bool row, check.Step());
  if (row && check.ColumnText(0) == "ok") return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("file")
      .Value(path_)
      .Message(absl::StrCat("damaged database: ", row ? check.ColumnText(0) : "no answer"));
}

absl::StatusOr<sqlite3_stmt*> Connection::Compile(absl::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return SqliteStatus(db_, code, sql);
  if (statement == nullptr)
    return SqliteCodeToStatus(SQLITE_ERROR, sql, "no statement in the text");
  return statement;
}

absl::StatusOr<Statement> Connection::Prepare(absl::string_view sql) {
  const auto it = cache_.find(sql);
  if (it != cache_.end() && !it->second->in_use) {
    it->second->in_use = true;
    return Statement(it->second->statement, &it->second->in_use);
  }
  NIWAKI_ASSIGN_OR_RETURN(sqlite3_stmt * statement, Compile(sql));
  if (it != cache_.end() || cache_.size() >= kMaxCachedStatements) {
    return Statement(statement, nullptr);
  }
  auto cached = std::make_unique<CachedStatement>();
  cached->statement = statement;
  cached->in_use = true;
  Statement loan(statement, &cached->in_use);
  cache_.emplace(sql, std::move(cached));
  return loan;
}

absl::Status Connection::Execute(absl::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr);
  return SqliteStatus(db_, code, sql);
}

absl::StatusOr<int64_t> Connection::QueryInt(absl::string_view sql) {
  NIWAKI_ASSIGN_OR_RETURN(Statement query, Prepare(sql));
  NIWAKI_ASSIGN_OR_RETURN(const bool row, query.Step());
  if (!row) return SqliteCodeToStatus(SQLITE_ERROR, sql, "no row");
  return query.ColumnInt(0);
}

int64_t Connection::changes() const { return sqlite3_changes64(db_); }

int64_t Connection::last_insert_rowid() const { return sqlite3_last_insert_rowid(db_); }

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

}  // namespace niwaki::store
