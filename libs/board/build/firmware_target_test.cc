#include "libs/board/build/firmware_target.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/emulator/emulated_board.h"

namespace niwaki::board {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST(FirmwareTargetTest, EmulatedBoardsAndChipsAreTargets) {
  std::vector<std::string> names;
  for (const FirmwareTarget& target : FirmwareTargets()) names.push_back(target.name);
  EXPECT_THAT(names, ElementsAre("mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "stm32f4",
                                 "stm32f7", "stm32h7"));
}

TEST(FirmwareTargetTest, EmulatedBoardTellsItsRegisters) {
  const FirmwareTarget target = TargetOf(*FindEmulatedBoard("m33"));
  EXPECT_EQ(target.core, "cortex-m33");
  EXPECT_EQ(target.ram_begin, 0x38000000);
  EXPECT_THAT(target.defines, Contains(Pair("NW_UART", "0x50200000u")));
  EXPECT_THAT(target.defines, Contains(Pair("NW_CLOCK_HZ", "20000000u")));
  EXPECT_THAT(target.defines, Contains(Pair("NW_BOARD_NAME", "\"mps2-an505\"")));
}

TEST(FirmwareTargetTest, ChipHasFastRamApart) {
  const auto target = FindFirmwareTarget("stm32h7");
  NIWAKI_ASSERT_OK(target);
  EXPECT_EQ(target->core, "cortex-m7");
  EXPECT_EQ(target->fast_begin, 0x20000000);
  EXPECT_EQ(target->ram_bytes, 512 * 1024);
}

TEST(FirmwareTargetTest, DefinitionIsReplaced) {
  FirmwareTarget target = *FindFirmwareTarget("stm32f4");
  Define(target, "NW_BAUD", "921600");
  Define(target, "NW_NEW", "1");
  EXPECT_THAT(target.defines, ElementsAre(Pair("NW_UART", "2"), Pair("NW_UART_TX", "0x02"),
                                          Pair("NW_UART_RX", "0x03"), Pair("NW_BAUD", "921600"),
                                          Pair("NW_NEW", "1")));
}

TEST(FirmwareTargetTest, UnknownOneIsRefusedWithTheList) {
  EXPECT_THAT(FindFirmwareTarget("stm32l4"),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  EXPECT_THAT(FindFirmwareTarget("stm32l4"),
              StatusIs(absl::StatusCode::kNotFound, "stm32f4, stm32f7, stm32h7"));
}

}  // namespace
}  // namespace niwaki::board
