#include "libs/measure/measure_rows.h"

#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/measure/test_boards.h"
#include "libs/store/connection.h"
#include "libs/store/request_log.h"

namespace niwaki::measure {
namespace {

class MeasureRowsTest : public ::testing::Test {
 protected:
  MeasureRowsTest() {
    store::ConnectionOptions options;
    options.in_memory = true;
    auto connection = store::Connection::Open("", options);
    NIWAKI_EXPECT_OK(connection);
    connection_ = *std::move(connection);
  }

  std::unique_ptr<store::Connection> connection_;
};

TEST_F(MeasureRowsTest, DatabaseThatHasARequestLogAlreadyIsTaken) {
  NIWAKI_ASSERT_OK(connection_->Execute(store::kRequestLogSchema));
  NIWAKI_ASSERT_OK(MigrateMeasurements(*connection_));
  NIWAKI_ASSERT_OK(MigrateMeasurements(*connection_));
  EXPECT_THAT(connection_->QueryInt("SELECT version FROM measure_version"), IsOkAndHolds(2));
}

TEST_F(MeasureRowsTest, LaterVersionIsRefused) {
  NIWAKI_ASSERT_OK(MigrateMeasurements(*connection_));
  NIWAKI_ASSERT_OK(connection_->Execute("UPDATE measure_version SET version = 3"));
  EXPECT_THAT(MigrateMeasurements(*connection_),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew));
}

TEST_F(MeasureRowsTest, RowsAreReadAsWritten) {
  NIWAKI_ASSERT_OK(MigrateMeasurements(*connection_));
  v1::Board board;
  board.set_name("boards/a");
  board.set_runs(3);
  NIWAKI_ASSERT_OK(WriteBoard(*connection_, board));
  board.set_runs(4);
  NIWAKI_ASSERT_OK(WriteBoard(*connection_, board));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto boards, ReadBoards(*connection_));
  ASSERT_EQ(boards.size(), 1);
  EXPECT_EQ(boards[0].runs(), 4);

  v1::Measurement measurement;
  measurement.set_name("measurements/1");
  measurement.set_state(v1::MEASUREMENT_STATE_PENDING);
  *measurement.mutable_spec() = NetworkSpec();
  EXPECT_THAT(NextUid(*connection_), IsOkAndHolds(1));
  NIWAKI_ASSERT_OK(WriteMeasurement(*connection_, 1, measurement));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto live, ReadLiveMeasurements(*connection_));
  ASSERT_EQ(live.size(), 1);
  EXPECT_EQ(live[0].second.SerializeAsString(), measurement.SerializeAsString());
  measurement.set_state(v1::MEASUREMENT_STATE_FAILED);
  NIWAKI_ASSERT_OK(WriteMeasurement(*connection_, 1, measurement));
  EXPECT_EQ(ReadLiveMeasurements(*connection_)->size(), 0);
  EXPECT_TRUE((*ReadMeasurement(*connection_, 1)).has_value());
  NIWAKI_ASSERT_OK(DeleteMeasurement(*connection_, 1));
  EXPECT_FALSE((*ReadMeasurement(*connection_, 1)).has_value());
  EXPECT_THAT(NextUid(*connection_), IsOkAndHolds(2));
}

TEST_F(MeasureRowsTest, DamagedRecordsAreFound) {
  NIWAKI_ASSERT_OK(MigrateMeasurements(*connection_));
  NIWAKI_ASSERT_OK(connection_->Execute("INSERT INTO board VALUES('boards/a', x'ffff')"));
  NIWAKI_ASSERT_OK(connection_->Execute("INSERT INTO measurement VALUES(1, 1, '', 0, x'ffff')"));
  EXPECT_THAT(ReadBoards(*connection_),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(ReadLiveMeasurements(*connection_),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(ReadMeasurement(*connection_, 1),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::measure
