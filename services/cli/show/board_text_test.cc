#include "services/cli/show/board_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kNow = 1'000'000;

v1::Board GoodBoard() {
  v1::Board board;
  board.set_name("boards/bench");
  v1::BoardDescription& is = *board.mutable_description();
  is.set_name("bench");
  is.set_device("devices/stm32h743");
  is.set_type("stm32h7");
  is.set_core("cortex-m7");
  is.set_clock_hz(480'000'000);
  is.set_provenance(v1::PROVENANCE_MEASURED);
  is.set_has_flash(true);
  is.add_tags("hot");
  board.set_state(v1::BOARD_STATE_IDLE);
  board.set_health(v1::BOARD_HEALTH_GOOD);
  board.mutable_health_time()->set_seconds(kNow - 3700);
  board.set_service("lab");
  board.set_connected(true);
  board.mutable_last_seen_time()->set_seconds(kNow - 4);
  board.set_runs(12);
  board.set_flash_writes(12);
  return board;
}

TEST(BoardTextTest, StateSaysWhetherAnybodyIsThere) {
  v1::Board board = GoodBoard();
  EXPECT_EQ(BoardStateName(board), "IDLE");
  board.set_draining(true);
  EXPECT_EQ(BoardStateName(board), "DRAINED");
  board.set_state(v1::BOARD_STATE_RUNNING);
  EXPECT_EQ(BoardStateName(board), "RUNNING");
  board.set_connected(false);
  EXPECT_EQ(BoardStateName(board), "GONE");
  EXPECT_EQ(BoardHealthName(v1::BOARD_HEALTH_MAINTENANCE), "MAINTENANCE");
}

TEST(BoardTextTest, TableHasALineForEachAndNotesSayWhy) {
  v1::Board bad = GoodBoard();
  bad.set_name("boards/other");
  bad.mutable_description()->clear_device();
  bad.set_health(v1::BOARD_HEALTH_BAD);
  bad.set_health_reason("drift: it did");
  const std::vector<v1::Board> boards = {GoodBoard(), bad};

  const std::string table = BoardTable(boards, absl::FromUnixSeconds(kNow)).ToString();

  EXPECT_THAT(table, AllOf(HasSubstr("bench  IDLE   GOOD    stm32h743  cortex-m7  MEASURED"),
                           HasSubstr("other  IDLE   BAD     -          cortex-m7  MEASURED"),
                           HasSubstr("4 s")));
  EXPECT_EQ(HealthNotes(boards), "other is BAD: drift: it did\n");
}

TEST(BoardTextTest, DetailsHaveCanaryFlashAndTheLastFailure) {
  v1::Board board = GoodBoard();
  board.mutable_canary()->set_expected_count(100);
  board.mutable_canary()->set_last_count(101);
  board.mutable_canary()->set_measurements_since(3);
  board.mutable_last_failure()->set_board("boards/bench");
  board.mutable_last_failure()->set_failure_class("time-out");
  board.mutable_last_failure()->set_message("run: no reply within 5 s");
  board.mutable_last_failure()->add_chain("RUN 1: no reply");

  const std::string text = BoardDetails(board, absl::FromUnixSeconds(kNow));

  EXPECT_THAT(text, HasSubstr("health        GOOD since 1 h\n"));
  EXPECT_THAT(text, HasSubstr("type          stm32h7, cortex-m7, 480 MHz, MEASURED\n"));
  EXPECT_THAT(text, HasSubstr("tags          hot\n"));
  EXPECT_THAT(text, HasSubstr("flash         written 12 times\n"));
  EXPECT_THAT(text, HasSubstr("canary        101 where 100 are expected, - and 3 measurements"));
  EXPECT_THAT(text, HasSubstr("time-out failure on bench: run: no reply within 5 s\n"
                              "  RUN 1: no reply\n"));
}

TEST(BoardTextTest, ChangesSayWhatTheyHaveLedTo) {
  v1::Board board = GoodBoard();
  board.set_state(v1::BOARD_STATE_RESERVED);
  board.set_reserved_by("ann");
  EXPECT_EQ(ChangeNote(board), "boards/bench is RESERVED (for ann), GOOD");
  board.set_health(v1::BOARD_HEALTH_MAINTENANCE);
  board.set_health_reason("cable");
  board.set_draining(true);
  EXPECT_EQ(ChangeNote(board),
            "boards/bench is RESERVED (for ann), MAINTENANCE: cable; it is given nothing more");
}

TEST(BoardTextTest, FiguresOfRealBoardsHaveMilliseconds) {
  v1::Measurement measurement;
  measurement.set_name("measurements/7");
  measurement.set_state(v1::MEASUREMENT_STATE_SUCCEEDED);
  v1::MeasurementResult& result = *measurement.mutable_result();
  result.set_board("boards/bench");
  result.set_provenance(v1::PROVENANCE_MEASURED);
  result.set_unit("cycles");
  result.set_count(480'000);
  result.set_count_low(479'000);
  result.set_count_high(481'000);
  result.set_clock_hz(480'000'000);
  result.set_inputs(16);
  v1::OperatorFigure& op = *result.add_operators();
  op.set_text("conv 3x3");
  op.set_count(400'000);
  v1::MeasurementPhase& phase = *result.add_phases();
  phase.set_name("build");
  phase.set_seconds(1.5);

  const std::string text = MeasurementText(measurement);

  EXPECT_THAT(text, AllOf(HasSubstr("measurement   measurements/7\n"),
                          HasSubstr("(480000; 479000 to 481000), 1.000 ms\n"),
                          HasSubstr("of 16 inputs equal to the host's"), HasSubstr("CYCLES"),
                          HasSubstr("conv 3x3"), HasSubstr("took          1.50 s: build 1.50\n")));
  result.set_provenance(v1::PROVENANCE_EMULATED);
  result.set_unit("instructions");
  EXPECT_THAT(MeasurementText(measurement), Not(HasSubstr(" ms\n")));
}

}  // namespace
}  // namespace niwaki::cli
