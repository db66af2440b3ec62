#include "libs/store/statement.h"

#include <sqlite3.h>

#include <utility>

#include "libs/base/status_macros.h"
#include "libs/store/sqlite_status.h"

namespace niwaki::store {

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)),
      bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    GiveBack();
    statement_ = std::exchange(other.statement_, nullptr);
    in_use_ = std::exchange(other.in_use_, nullptr);
    bind_error_ = other.bind_error_;
  }
  return *this;
}

Statement::~Statement() { GiveBack(); }

void Statement::GiveBack() {
  if (statement_ == nullptr) return;
  if (in_use_ == nullptr) {
    sqlite3_finalize(statement_);
  } else {
    Reset();
    *in_use_ = false;
  }
  statement_ = nullptr;
}

void Statement::Remember(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::BindInt(int index, int64_t value) {
  Remember(sqlite3_bind_int64(statement_, index, value));
}

void Statement::BindDouble(int index, double value) {
  Remember(sqlite3_bind_double(statement_, index, value));
}

void Statement::BindText(int index, absl::string_view value) {
  // A null pointer would bind NULL; an empty text is not that.
  Remember(sqlite3_bind_text64(statement_, index, value.empty() ? "" : value.data(), value.size(),
                               SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::BindBlob(int index, absl::string_view bytes) {
  Remember(sqlite3_bind_blob64(statement_, index, bytes.empty() ? "" : bytes.data(), bytes.size(),
                               SQLITE_TRANSIENT));
}

void Statement::BindNull(int index) { Remember(sqlite3_bind_null(statement_, index)); }

absl::StatusOr<bool> Statement::Step() {
  sqlite3* db = sqlite3_db_handle(statement_);
  if (bind_error_ != SQLITE_OK) {
    return SqliteCodeToStatus(bind_error_, sqlite3_sql(statement_), sqlite3_errstr(bind_error_));
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const absl::Status status =
      SqliteStatus(db, sqlite3_extended_errcode(db), sqlite3_sql(statement_));
  sqlite3_reset(statement_);
  return status;
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bind_error_ = SQLITE_OK;
}

absl::Status Statement::RunToEnd() {
  bool row = true;
  while (row) {
    NIWAKI_ASSIGN_OR_RETURN(row, Step());
  }
  // A finished statement that is not reset would keep the transaction from ending.
  sqlite3_reset(statement_);
  return absl::OkStatus();
}

int64_t Statement::ColumnInt(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::ColumnDouble(int column) const {
  return sqlite3_column_double(statement_, column);
}

absl::string_view Statement::ColumnText(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return absl::string_view(text, text == nullptr ? 0 : sqlite3_column_bytes(statement_, column));
}

absl::string_view Statement::ColumnBlob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return absl::string_view(bytes, bytes == nullptr ? 0 : sqlite3_column_bytes(statement_, column));
}

bool Statement::ColumnIsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace niwaki::store
