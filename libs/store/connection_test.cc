#include "libs/store/connection.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/store/transaction.h"

namespace niwaki::store {
namespace {

std::string FreshPath(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "/connection_" + name;
  NIWAKI_EXPECT_OK(MakeFolders(folder));
  return folder + "/a.db";
}

// A database of a few hundred pages, closed.
std::string FilledDatabase(const std::string& name) {
  const std::string path = FreshPath(name);
  auto connection = Connection::Open(path);
  NIWAKI_EXPECT_OK(connection);
  NIWAKI_EXPECT_OK((*connection)->Execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)"));
  NIWAKI_EXPECT_OK(
      (*connection)
          ->Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000)"
                    " INSERT INTO t SELECT i, randomblob(1000) FROM n"));
  return path;
}

TEST(ConnectionTest, OpensWithDurableSettings) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, Connection::Open(FreshPath("settings")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement mode, connection->Prepare("PRAGMA journal_mode"));
  NIWAKI_ASSERT_OK(mode.Step());

  constexpr int kFull = 2;
  EXPECT_EQ(mode.ColumnText(0), "wal");
  EXPECT_THAT(connection->QueryInt("PRAGMA synchronous"), IsOkAndHolds(kFull));
  EXPECT_THAT(connection->QueryInt("PRAGMA foreign_keys"), IsOkAndHolds(1));
  EXPECT_THAT(connection->QueryInt("PRAGMA trusted_schema"), IsOkAndHolds(0));
}

TEST(ConnectionTest, WhatIsWrittenIsThereAfterReopening) {
  const std::string path = FilledDatabase("reopen");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, Connection::Open(path, {.quick_check = true}));

  EXPECT_THAT(connection->QueryInt("SELECT count(*) FROM t"), IsOkAndHolds(1000));
}

TEST(ConnectionTest, ReadOnlyRefusesWrites) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection,
                              Connection::Open(FilledDatabase("ro"), {.read_only = true}));

  EXPECT_THAT(connection->QueryInt("SELECT count(*) FROM t"), IsOkAndHolds(1000));
  EXPECT_THAT(connection->Execute("DELETE FROM t"),
              StatusIs(absl::StatusCode::kPermissionDenied, "readonly"));
}

TEST(ConnectionTest, ReadOnlyDoesNotCreate) {
  EXPECT_THAT(Connection::Open(FreshPath("ro_none"), {.read_only = true}),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
}

TEST(ConnectionTest, MissingFolderIsNotFound) {
  EXPECT_THAT(Connection::Open(::testing::TempDir() + "/none/such/a.db"),
              StatusIs(absl::StatusCode::kNotFound, "/none/such"));
}

TEST(ConnectionTest, FolderWithoutWritePermissionIsDenied) {
  // Root ignores permissions, so the test gives them up where it can; its folder must be reachable
  // without them.
  const bool root = geteuid() == 0;
  std::string folder =
      (root ? std::filesystem::temp_directory_path().string() : ::testing::TempDir()) +
      "/niwaki_ro_XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  ASSERT_EQ(chmod(folder.c_str(), 0555), 0);
  constexpr uid_t kNobody = 65534;
  if (root) {
    ASSERT_EQ(seteuid(kNobody), 0);
  }

  const auto connection = Connection::Open(folder + "/a.db");

  ASSERT_EQ(seteuid(root ? 0 : geteuid()), 0);
  rmdir(folder.c_str());
  EXPECT_THAT(connection, StatusIs(absl::StatusCode::kPermissionDenied, folder));
}

TEST(ConnectionTest, GarbageIsDataLoss) {
  const std::string path = FreshPath("garbage");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, std::string(8192, 'x')));

  EXPECT_THAT(Connection::Open(path), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST(ConnectionTest, EveryTruncationIsFoundAtOpening) {
  const std::string path = FilledDatabase("truncated");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(path));

  for (const double part : {0.0001, 0.001, 0.01, 0.3, 0.5, 0.9, 0.999}) {
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, whole.substr(0, whole.size() * part)));
    EXPECT_THAT(Connection::Open(path, {.quick_check = true}),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << "kept " << part;
  }
}

TEST(ConnectionTest, OverwrittenPageIsFoundByQuickCheck) {
  const std::string path = FilledDatabase("overwritten");
  NIWAKI_ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(path));
  constexpr size_t kPageSize = 4096;
  bytes.replace(kPageSize, kPageSize, std::string(kPageSize, '\xff'));
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, bytes));

  EXPECT_THAT(Connection::Open(path, {.quick_check = true}),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST(ConnectionTest, SecondExclusiveOpenerIsRefused) {
  const std::string path = FreshPath("exclusive");
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto first, Connection::Open(path, {.exclusive_process = true}));

  EXPECT_THAT(Connection::Open(path, {.exclusive_process = true}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kDatabaseLocked));
  NIWAKI_EXPECT_OK(Connection::Open(path, {.read_only = true}));

  first.reset();
  NIWAKI_EXPECT_OK(Connection::Open(path, {.exclusive_process = true}));
}

TEST(ConnectionTest, InMemoryNeedsNoPath) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, Connection::Open("", {.in_memory = true}));

  NIWAKI_EXPECT_OK(connection->Execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
  EXPECT_THAT(connection->QueryInt("SELECT a FROM t"), IsOkAndHolds(1));
}

TEST(ConnectionTest, WrongSqlIsInternal) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, Connection::Open("", {.in_memory = true}));

  EXPECT_THAT(connection->Prepare("SELEKT 1").status(),
              StatusIs(absl::StatusCode::kInternal, "syntax error"));
  EXPECT_THAT(connection->Prepare("").status(), StatusIs(absl::StatusCode::kInternal, ""));
}

TEST(ConnectionTest, OneTextMayBeOnLoanTwice) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection, Connection::Open("", {.in_memory = true}));
  const std::string sql = "SELECT ?1";

  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement one, connection->Prepare(sql));
  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement two, connection->Prepare(sql));
  one.BindInt(1, 1);
  two.BindInt(1, 2);
  NIWAKI_ASSERT_OK(one.Step());
  NIWAKI_ASSERT_OK(two.Step());

  EXPECT_EQ(one.ColumnInt(0), 1);
  EXPECT_EQ(two.ColumnInt(0), 2);
}

}  // namespace
}  // namespace niwaki::store
