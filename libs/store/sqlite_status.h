// The one place where SQLite's result codes become statuses.

#ifndef NIWAKI_LIBS_STORE_SQLITE_STATUS_H_
#define NIWAKI_LIBS_STORE_SQLITE_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct sqlite3;

namespace niwaki::store {

// The status of a (primary or extended) result code; OK for SQLITE_OK, SQLITE_ROW and SQLITE_DONE.
//
//   FULL                          ResourceExhausted  DISK_FULL
//   NOMEM                         ResourceExhausted  SYSTEM_ERROR
//   BUSY, LOCKED                  Aborted            DATABASE_LOCKED
//   CORRUPT, NOTADB               DataLoss           DATA_CORRUPT
//   CONSTRAINT PRIMARYKEY, UNIQUE, ROWID  AlreadyExists  ALREADY_EXISTS
//   CONSTRAINT (others)           FailedPrecondition ARGUMENT_INVALID
//   READONLY, PERM, AUTH          PermissionDenied   SYSTEM_ERROR
//   TOOBIG                        InvalidArgument    MESSAGE_TOO_LARGE
//   CANTOPEN                      FailedPrecondition SYSTEM_ERROR
//   IOERR, PROTOCOL               Unavailable        SYSTEM_ERROR
//   IOERR for a quota or file size limit, where `db` tells, as FULL
//   INTERRUPT                     Cancelled          SYSTEM_ERROR
//   others (MISUSE, RANGE, ERROR) Internal           SYSTEM_ERROR
//
// `context` says what was tried and becomes the error's field; `detail` is SQLite's own message.
absl::Status SqliteCodeToStatus(int code, absl::string_view context, absl::string_view detail);

// As above, with the message of the last failed call on `db`.
absl::Status SqliteStatus(sqlite3* db, int code, absl::string_view context);

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_SQLITE_STATUS_H_
