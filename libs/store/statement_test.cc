#include "libs/store/statement.h"

#include <limits>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/store/connection.h"

namespace niwaki::store {
namespace {

class StatementTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NIWAKI_ASSERT_OK_AND_ASSIGN(connection_, Connection::Open("", {.in_memory = true}));
    NIWAKI_ASSERT_OK(connection_->Execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v)"));
  }

  std::unique_ptr<Connection> connection_;
};

TEST_F(StatementTest, EveryTypeComesBack) {
  const std::string bytes("a\0b", 3);
  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement select,
                              connection_->Prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6"));
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  select.BindAll(kLowest, 0.1, "text", Blob{bytes}, nullptr, "");

  EXPECT_THAT(select.Step(), IsOkAndHolds(true));

  EXPECT_EQ(select.ColumnInt(0), kLowest);
  EXPECT_EQ(select.ColumnDouble(1), 0.1);
  EXPECT_EQ(select.ColumnText(2), "text");
  EXPECT_EQ(select.ColumnBlob(3), bytes);
  EXPECT_TRUE(select.ColumnIsNull(4));
  EXPECT_FALSE(select.ColumnIsNull(5));
  EXPECT_THAT(select.Step(), IsOkAndHolds(false));
}

TEST_F(StatementTest, RunWritesARow) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement insert,
                              connection_->Prepare("INSERT INTO t VALUES(?1,?2)"));

  NIWAKI_ASSERT_OK(insert.Run(1, "one"));
  NIWAKI_ASSERT_OK(insert.Run(2, "two"));

  EXPECT_THAT(connection_->QueryInt("SELECT count(*) FROM t"), IsOkAndHolds(2));
}

TEST_F(StatementTest, SecondRowOfAKeyAlreadyExists) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement insert,
                              connection_->Prepare("INSERT INTO t VALUES(?1,?2)"));
  NIWAKI_ASSERT_OK(insert.Run(1, "one"));

  EXPECT_THAT(insert.Run(1, "again"),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
  NIWAKI_EXPECT_OK(insert.Run(2, "two"));
}

TEST_F(StatementTest, ParameterThatIsNotThereFailsTheStep) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement select, connection_->Prepare("SELECT ?1"));
  select.BindInt(2, 7);

  EXPECT_THAT(select.Step(), StatusIs(absl::StatusCode::kInternal, "out of range"));
}

TEST_F(StatementTest, CachedStatementForgetsItsBindings) {
  const std::string sql = "SELECT ?1";
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(Statement first, connection_->Prepare(sql));
    first.BindInt(1, 7);
    NIWAKI_ASSERT_OK(first.Step());
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(Statement second, connection_->Prepare(sql));
  NIWAKI_ASSERT_OK(second.Step());

  EXPECT_TRUE(second.ColumnIsNull(0));
}

}  // namespace
}  // namespace niwaki::store
