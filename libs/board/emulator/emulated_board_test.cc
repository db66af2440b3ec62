#include "libs/board/emulator/emulated_board.h"

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

TEST(EmulatedBoardTest, IsFoundByMachineAndByCore) {
  for (const char* name : {"mps2-an386", "cortex-m4", "m4", "M4"}) {
    const auto board = FindEmulatedBoard(name);
    NIWAKI_ASSERT_OK(board);
    EXPECT_EQ(board->name, "mps2-an386");
  }
  EXPECT_EQ(EmulatedBoards().size(), 4);
}

TEST(EmulatedBoardTest, UnknownOneIsRefusedWithTheList) {
  const auto board = FindEmulatedBoard("m9");
  EXPECT_THAT(board, HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  EXPECT_THAT(board, StatusIs(absl::StatusCode::kNotFound, "mps2-an505 (cortex-m33)"));
}

TEST(EmulatedBoardTest, TicksBecomeInstructions) {
  // At 25 MHz and 128 ns an instruction, 16 ticks are 5 instructions.
  EXPECT_EQ(InstructionsOf(*FindEmulatedBoard("m7"), 16), 5);
  // At 20 MHz, 64 ticks are 25.
  EXPECT_EQ(InstructionsOf(*FindEmulatedBoard("m33"), 64), 25);
}

TEST(EmulatedBoardTest, ClockIsThatOfTheTimers) {
  EXPECT_EQ(FindEmulatedBoard("m4")->clock_hz(), 25000000);
  EXPECT_EQ(FindEmulatedBoard("m33")->clock_hz(), 20000000);
}

}  // namespace
}  // namespace niwaki::board
