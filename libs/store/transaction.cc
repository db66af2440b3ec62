#include "libs/store/transaction.h"

#include <utility>

#include "libs/base/status_macros.h"

namespace niwaki::store {
namespace {

absl::Status RunSql(Connection& connection, absl::string_view sql) {
  NIWAKI_ASSIGN_OR_RETURN(Statement statement, connection.Prepare(sql));
  return statement.Run();
}

}  // namespace

absl::StatusOr<Transaction> Transaction::Begin(Connection& connection) {
  NIWAKI_RETURN_IF_ERROR(RunSql(connection, "BEGIN IMMEDIATE"));
  return Transaction(&connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() { Rollback(); }

absl::Status Transaction::Commit() {
  absl::Status status;
  if (connection_->options_.before_commit) status = connection_->options_.before_commit();
  if (status.ok()) status = RunSql(*connection_, "COMMIT");
  if (!status.ok()) {
    Rollback();
  } else if (connection_->options_.after_commit) {
    status = connection_->options_.after_commit();
  }
  connection_ = nullptr;
  return status;
}

void Transaction::Rollback() {
  if (connection_ != nullptr && connection_->in_transaction()) {
    // Cannot fail in a way that leaves the transaction open.
    RunSql(*connection_, "ROLLBACK").IgnoreError();
  }
  connection_ = nullptr;
}

}  // namespace niwaki::store
