// Transaction: all or nothing, in a scope.

#ifndef NIWAKI_LIBS_STORE_TRANSACTION_H_
#define NIWAKI_LIBS_STORE_TRANSACTION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/store/connection.h"

namespace niwaki::store {

// BEGIN IMMEDIATE at birth (so that it never fails halfway for a lock), rolled back in the
// destructor unless committed. Must not outlive its connection; one at a time.
class Transaction {
 public:
  // Aborted when another connection holds the write lock beyond the busy timeout.
  static absl::StatusOr<Transaction> Begin(Connection& connection);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // On an error nothing of the transaction is in the database, unless it is one of the seam
  // `after_commit`.
  absl::Status Commit();

 private:
  explicit Transaction(Connection* connection) : connection_(connection) {}
  void Rollback();

  // Null once committed, rolled back or moved from.
  Connection* connection_;
};

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_TRANSACTION_H_
