#include "libs/store/migrate.h"

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/store/connection.h"

namespace niwaki::store {
namespace {

constexpr int32_t kApplication = 0x6e776b31;
const char* const kFirst = "CREATE TABLE a(x); INSERT INTO a VALUES(1)";
const char* const kSecond = "ALTER TABLE a ADD COLUMN y DEFAULT 2";

class MigrateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NIWAKI_ASSERT_OK_AND_ASSIGN(connection_, Connection::Open("", {.in_memory = true}));
  }

  std::unique_ptr<Connection> connection_;
};

TEST_F(MigrateTest, EachMigrationRunsOnce) {
  NIWAKI_ASSERT_OK(Migrate(*connection_, kApplication, {kFirst}));
  NIWAKI_ASSERT_OK(Migrate(*connection_, kApplication, {kFirst}));
  NIWAKI_ASSERT_OK(Migrate(*connection_, kApplication, {kFirst, kSecond}));

  EXPECT_THAT(connection_->QueryInt("SELECT y FROM a"), IsOkAndHolds(2));
  EXPECT_THAT(connection_->QueryInt("SELECT count(*) FROM a"), IsOkAndHolds(1));
  EXPECT_THAT(connection_->QueryInt("PRAGMA user_version"), IsOkAndHolds(2));
  EXPECT_THAT(connection_->QueryInt("PRAGMA application_id"), IsOkAndHolds(kApplication));
}

TEST_F(MigrateTest, NewerDatabaseIsRefusedNamingBothVersions) {
  NIWAKI_ASSERT_OK(Migrate(*connection_, kApplication, {kFirst, kSecond}));

  const absl::Status status = Migrate(*connection_, kApplication, {kFirst});

  EXPECT_THAT(status, HasReason(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "has schema version 2, this program knows 1"));
}

TEST_F(MigrateTest, ForeignDatabaseIsRefused) {
  NIWAKI_ASSERT_OK(connection_->Execute("CREATE TABLE theirs(x)"));

  EXPECT_THAT(Migrate(*connection_, kApplication, {kFirst}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kDatabaseForeign));
}

TEST_F(MigrateTest, OtherApplicationIdIsRefused) {
  NIWAKI_ASSERT_OK(Migrate(*connection_, kApplication + 1, {kFirst}));

  EXPECT_THAT(Migrate(*connection_, kApplication, {kFirst}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kDatabaseForeign));
}

TEST_F(MigrateTest, FailedMigrationLeavesTheVersionBefore) {
  EXPECT_THAT(Migrate(*connection_, kApplication, {kFirst, "CREATE TABLE b(x); BROKEN"}),
              StatusIs(absl::StatusCode::kInternal, "to version 2"));

  EXPECT_THAT(connection_->QueryInt("PRAGMA user_version"), IsOkAndHolds(1));
  EXPECT_THAT(connection_->QueryInt("SELECT count(*) FROM sqlite_schema WHERE name='b'"),
              IsOkAndHolds(0));
}

}  // namespace
}  // namespace niwaki::store
