#include "services/coordinator/proof/oracle_boards.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"

namespace niwaki::coordinator {
namespace {

v1::Measurement Failed() {
  v1::Measurement measurement;
  measurement.set_state(v1::MEASUREMENT_STATE_FAILED);
  return measurement;
}

void AddFailure(v1::Measurement& measurement, const std::string& board,
                const std::string& failure_class, const std::string& why = "") {
  v1::MeasurementFailure& failure = *measurement.add_failures();
  failure.set_board(board);
  failure.set_failure_class(failure_class);
  failure.set_reason(why);
  failure.set_message("build: too large");
}

TEST(OracleBoardsTest, FiguresAreTheBoards) {
  v1::Measurement measurement;
  measurement.set_state(v1::MEASUREMENT_STATE_SUCCEEDED);
  v1::MeasurementResult& result = *measurement.mutable_result();
  result.set_board("boards/seven");
  result.set_provenance(v1::PROVENANCE_MEASURED);
  result.set_count(4711);
  result.set_bill_digest("bill");
  const jobs::BoardMeasurement found = BoardMeasurementOf(measurement);
  ASSERT_TRUE(found.ended && found.figures.has_value());
  EXPECT_EQ(found.figures->board, "seven");
  EXPECT_EQ(found.figures->provenance, cost::Provenance::kMeasured);
  EXPECT_EQ(found.figures->count, 4711);
  EXPECT_EQ(found.figures->bill_digest, "bill");
  // Nobody knows what they are worth.
  result.set_doubtful(true);
  EXPECT_FALSE(BoardMeasurementOf(measurement).figures.has_value());
  EXPECT_FALSE(BoardMeasurementOf(measurement).fault_of_network);
}

TEST(OracleBoardsTest, NetworkIsToBlameForItsOwnFailuresOnly) {
  v1::Measurement measurement = Failed();
  AddFailure(measurement, "boards/seven", "infrastructure");
  EXPECT_FALSE(BoardMeasurementOf(measurement).fault_of_network);
  AddFailure(measurement, "boards/seven", "candidate");
  EXPECT_TRUE(BoardMeasurementOf(measurement).fault_of_network);
  EXPECT_EQ(BoardMeasurementOf(measurement).failure, "boards/seven: build: too large");
}

TEST(OracleBoardsTest, OneBoardThatComputesOtherBytesIsTheLiar) {
  v1::Measurement measurement = Failed();
  AddFailure(measurement, "boards/seven", "board", reason::kBoardWrongOutput);
  AddFailure(measurement, "boards/seven", "board", reason::kBoardWrongOutput);
  EXPECT_FALSE(BoardMeasurementOf(measurement).fault_of_network);
  AddFailure(measurement, "boards/eight", "board", reason::kBoardWrongOutput);
  EXPECT_TRUE(BoardMeasurementOf(measurement).fault_of_network);
}

TEST(OracleBoardsTest, WaitingSaysWhyUntilTheEnd) {
  v1::Measurement measurement;
  measurement.set_state(v1::MEASUREMENT_STATE_PENDING);
  measurement.set_waiting("no board of core cortex-m7");
  EXPECT_EQ(BoardMeasurementOf(measurement).waiting, "no board of core cortex-m7");
  EXPECT_FALSE(BoardMeasurementOf(measurement).ended);
  measurement.set_state(v1::MEASUREMENT_STATE_FAILED);
  EXPECT_EQ(BoardMeasurementOf(measurement).waiting, "");
}

}  // namespace
}  // namespace niwaki::coordinator
