// From the sensor to the class on every emulated board: the host's bytes, by software and by
// hardware that computes in floating point.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/engine/sensor/test_sensor.h"
#include "services/cli/commands/exports/board_run_for_test.h"

namespace niwaki {
namespace {

// The floating-point unit of a core; null for a core that has none.
const char* UnitOf(const board::EmulatedBoard& board) {
  if (board.core == "cortex-m4") return "-mfpu=fpv4-sp-d16";
  if (board.core == "cortex-m7") return "-mfpu=fpv5-d16";
  if (board.core == "cortex-m33") return "-mfpu=fpv5-sp-d16";
  return nullptr;
}

// Where the input is not the host's, the firmware fails, and so does the run.
void ExpectHostsBytes(const Exported& exported, const std::string& name,
                      const std::vector<std::string>& boards) {
  for (const std::string& core : boards) {
    const board::EmulatedBoard board = *board::FindEmulatedBoard(core);
    SCOPED_TRACE(absl::StrCat(name, " on ", board.name));
    const board::FirmwareOutput soft = RunOn(Build(exported, board), board);
    EXPECT_EQ(soft.output, exported.output);
    EXPECT_GT(soft.sensor_ticks, 0);
    const char* unit = UnitOf(board);
    if (unit == nullptr) continue;
    const board::FirmwareOutput hard =
        RunOn(Build(exported, board, {"-mfloat-abi=hard", unit}), board);
    EXPECT_EQ(hard.output, exported.output);
    EXPECT_LT(hard.sensor_ticks, soft.sensor_ticks / 2);
    ::testing::Test::RecordProperty(absl::StrCat(name, "_", board.name, "_soft"),
                                    absl::StrCat(board::InstructionsOf(board, soft.sensor_ticks)));
    ::testing::Test::RecordProperty(absl::StrCat(name, "_", board.name, "_hard"),
                                    absl::StrCat(board::InstructionsOf(board, hard.sensor_ticks)));
  }
}

TEST(SensorBoardTest, ClipOfAMicrophoneGivesTheHostsBytesOnEveryBoard) {
  ExpectHostsBytes(Export({"ear", engine::HearingNetwork(49, 40)}, {engine::Microphone(), {}}),
                   "ear", {"m3", "m4", "m7", "m33"});
}

TEST(SensorBoardTest, HalfOfTheFramesToo) {
  std::vector<int16_t> clip = engine::Bursts(16000);
  ExpectHostsBytes(Export({"half", engine::HearingNetwork(25, 40)}, {engine::Microphone(), clip}),
                   "half", {"m3", "m33"});
}

TEST(SensorBoardTest, FrameOfACameraGivesTheHostsBytes) {
  ExpectHostsBytes(Export({"eye", engine::SeeingNetwork()}, {engine::Camera(), {}}), "eye",
                   {"m3", "m7"});
}

}  // namespace
}  // namespace niwaki
