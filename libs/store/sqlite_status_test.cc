#include "libs/store/sqlite_status.h"

#include <sqlite3.h>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::store {
namespace {

struct Row {
  int code;
  absl::StatusCode expected;
  const char* reason;
};

TEST(SqliteStatusTest, EveryCodeHasItsMeaning) {
  const Row rows[] = {
      {SQLITE_FULL, absl::StatusCode::kResourceExhausted, reason::kDiskFull},
      {SQLITE_NOMEM, absl::StatusCode::kResourceExhausted, reason::kSystemError},
      {SQLITE_BUSY, absl::StatusCode::kAborted, reason::kDatabaseLocked},
      {SQLITE_BUSY_SNAPSHOT, absl::StatusCode::kAborted, reason::kDatabaseLocked},
      {SQLITE_LOCKED, absl::StatusCode::kAborted, reason::kDatabaseLocked},
      {SQLITE_CORRUPT, absl::StatusCode::kDataLoss, reason::kDataCorrupt},
      {SQLITE_CORRUPT_VTAB, absl::StatusCode::kDataLoss, reason::kDataCorrupt},
      {SQLITE_NOTADB, absl::StatusCode::kDataLoss, reason::kDataCorrupt},
      {SQLITE_CONSTRAINT_PRIMARYKEY, absl::StatusCode::kAlreadyExists, reason::kAlreadyExists},
      {SQLITE_CONSTRAINT_UNIQUE, absl::StatusCode::kAlreadyExists, reason::kAlreadyExists},
      {SQLITE_CONSTRAINT_NOTNULL, absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid},
      {SQLITE_READONLY, absl::StatusCode::kPermissionDenied, reason::kSystemError},
      {SQLITE_TOOBIG, absl::StatusCode::kInvalidArgument, reason::kMessageTooLarge},
      {SQLITE_CANTOPEN, absl::StatusCode::kFailedPrecondition, reason::kSystemError},
      {SQLITE_IOERR_WRITE, absl::StatusCode::kUnavailable, reason::kSystemError},
      {SQLITE_INTERRUPT, absl::StatusCode::kCancelled, reason::kSystemError},
      {SQLITE_MISUSE, absl::StatusCode::kInternal, reason::kSystemError},
      {SQLITE_ERROR, absl::StatusCode::kInternal, reason::kSystemError},
  };

  for (const Row& row : rows) {
    EXPECT_THAT(SqliteCodeToStatus(row.code, "commit", "why"), HasReason(row.expected, row.reason))
        << "code " << row.code;
  }
}

TEST(SqliteStatusTest, SuccessCodesAreOk) {
  for (const int code : {SQLITE_OK, SQLITE_ROW, SQLITE_DONE}) {
    NIWAKI_EXPECT_OK(SqliteCodeToStatus(code, "step", ""));
  }
}

TEST(SqliteStatusTest, MessageNamesContextAndCause) {
  EXPECT_THAT(SqliteStatus(nullptr, SQLITE_FULL, "commit"),
              StatusIs(absl::StatusCode::kResourceExhausted, "commit: database or disk is full"));
}

}  // namespace
}  // namespace niwaki::store
