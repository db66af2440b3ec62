#include "libs/store/sqlite_status.h"

#include <errno.h>
#include <sqlite3.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::store {
namespace {

struct Meaning {
  absl::StatusCode code;
  absl::string_view reason;
};

Meaning MeaningOfConstraint(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return {absl::StatusCode::kAlreadyExists, reason::kAlreadyExists};
    default:
      return {absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid};
  }
}

Meaning MeaningOf(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {absl::StatusCode::kResourceExhausted, reason::kDiskFull};
    case SQLITE_NOMEM:
      return {absl::StatusCode::kResourceExhausted, reason::kSystemError};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {absl::StatusCode::kAborted, reason::kDatabaseLocked};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {absl::StatusCode::kDataLoss, reason::kDataCorrupt};
    case SQLITE_CONSTRAINT:
      return MeaningOfConstraint(code);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {absl::StatusCode::kPermissionDenied, reason::kSystemError};
    case SQLITE_TOOBIG:
      return {absl::StatusCode::kInvalidArgument, reason::kMessageTooLarge};
    case SQLITE_CANTOPEN:
      return {absl::StatusCode::kFailedPrecondition, reason::kSystemError};
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
      return {absl::StatusCode::kUnavailable, reason::kSystemError};
    case SQLITE_INTERRUPT:
      return {absl::StatusCode::kCancelled, reason::kSystemError};
    default:
      return {absl::StatusCode::kInternal, reason::kSystemError};
  }
}

// Of the last failed call on the database's file or on its journal; 0 when there was none.
int LastErrno(sqlite3* db, int which) {
  sqlite3_file* file = nullptr;
  int cause = 0;
  if (sqlite3_file_control(db, "main", which, &file) != SQLITE_OK || file == nullptr ||
      file->pMethods == nullptr) {
    return 0;
  }
  return file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &cause) == SQLITE_OK ? cause
                                                                                          : 0;
}

}  // namespace

absl::Status SqliteCodeToStatus(int code, absl::string_view context, absl::string_view detail) {
  const int primary = code & 0xff;
  if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE) {
    return absl::OkStatus();
  }
  const Meaning meaning = MeaningOf(code);
  return Error(meaning.code, meaning.reason)
      .Field(context)
      .Value(code)
      .Message(absl::StrCat(context, ": ", detail));
}

absl::Status SqliteStatus(sqlite3* db, int code, absl::string_view context) {
  if ((code & 0xff) == SQLITE_IOERR && db != nullptr) {
    // SQLite itself calls only ENOSPC a full disk.
    for (const int file : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
      const int cause = LastErrno(db, file);
      if (cause != EDQUOT && cause != EFBIG) continue;
      return SqliteCodeToStatus(SQLITE_FULL, context, std::strerror(cause));
    }
  }
  return SqliteCodeToStatus(code, context,
                            db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db));
}

}  // namespace niwaki::store
