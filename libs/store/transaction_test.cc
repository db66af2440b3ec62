#include "libs/store/transaction.h"

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/store/commit_fault.h"
#include "libs/store/connection.h"

namespace niwaki::store {
namespace {

constexpr char kCount[] = "SELECT count(*) FROM t";

std::unique_ptr<Connection> OpenWithTable(const std::string& path,
                                          const ConnectionOptions& options) {
  auto connection = Connection::Open(path, options);
  NIWAKI_EXPECT_OK(connection);
  NIWAKI_EXPECT_OK((*connection)->Execute("CREATE TABLE IF NOT EXISTS t(a BLOB)"));
  return *std::move(connection);
}

TEST(TransactionTest, CommitKeepsAndDestructorRollsBack) {
  const auto connection = OpenWithTable("", {.in_memory = true});
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction kept, Transaction::Begin(*connection));
    NIWAKI_ASSERT_OK(connection->Execute("INSERT INTO t VALUES(1)"));
    NIWAKI_ASSERT_OK(kept.Commit());
  }
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction dropped, Transaction::Begin(*connection));
    NIWAKI_ASSERT_OK(connection->Execute("INSERT INTO t VALUES(2)"));
  }

  EXPECT_THAT(connection->QueryInt(kCount), IsOkAndHolds(1));
  EXPECT_FALSE(connection->in_transaction());
}

TEST(TransactionTest, FailedCommitLeavesNothing) {
  CommitFault fault;
  const auto connection = OpenWithTable("", {.in_memory = true, .before_commit = fault.Hook()});
  fault.FailNth(1, absl::ResourceExhaustedError("disk full"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*connection));
  NIWAKI_ASSERT_OK(connection->Execute("INSERT INTO t VALUES(1)"));

  EXPECT_THAT(transaction.Commit(), StatusIs(absl::StatusCode::kResourceExhausted, "disk full"));

  EXPECT_THAT(connection->QueryInt(kCount), IsOkAndHolds(0));
  NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction next, Transaction::Begin(*connection));
  NIWAKI_EXPECT_OK(next.Commit());
}

TEST(TransactionTest, FaultAfterTheCommitIsAnErrorOfWhatIsThere) {
  CommitFault fault;
  const auto connection = OpenWithTable(
      "", {.in_memory = true, .before_commit = fault.Hook(), .after_commit = fault.AfterHook()});
  fault.FailNth(1, absl::UnavailableError("connection lost"), CommitFaultTime::kAfter);
  NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*connection));
  NIWAKI_ASSERT_OK(connection->Execute("INSERT INTO t VALUES(1)"));

  EXPECT_THAT(transaction.Commit(), StatusIs(absl::StatusCode::kUnavailable, "connection lost"));

  EXPECT_THAT(connection->QueryInt(kCount), IsOkAndHolds(1));
  NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction next, Transaction::Begin(*connection));
  NIWAKI_EXPECT_OK(next.Commit());
}

TEST(TransactionTest, SecondWriterIsAborted) {
  const std::string folder = ::testing::TempDir() + "/transaction_second";
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  const ConnectionOptions options = {.busy_timeout = absl::Milliseconds(1)};
  const auto first = OpenWithTable(folder + "/a.db", options);
  const auto second = OpenWithTable(folder + "/a.db", options);
  NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction held, Transaction::Begin(*first));

  EXPECT_THAT(Transaction::Begin(*second).status(),
              HasReason(absl::StatusCode::kAborted, reason::kDatabaseLocked));
}

TEST(TransactionTest, FullDiskLosesNothingOlder) {
  const std::string folder = ::testing::TempDir() + "/transaction_full";
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  const auto connection = OpenWithTable(folder + "/a.db", {});
  NIWAKI_ASSERT_OK(connection->Execute("INSERT INTO t VALUES(1)"));
  NIWAKI_ASSERT_OK(connection->Execute("PRAGMA max_page_count=16"));
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(*connection));
    EXPECT_THAT(connection->Execute("INSERT INTO t VALUES(zeroblob(1000000))"),
                HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
  }

  EXPECT_THAT(connection->QueryInt(kCount), IsOkAndHolds(1));
  NIWAKI_EXPECT_OK(connection->Execute("INSERT INTO t VALUES(2)"));
}

}  // namespace
}  // namespace niwaki::store
