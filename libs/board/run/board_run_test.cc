#include "libs/board/run/board_run.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/config/board_config.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/failure/failure.h"
#include "libs/board/session/network_by_hand_for_test.h"
#include "libs/board/session/scripted_device_for_test.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;

BoardConfig Config(const std::string& text) {
  const auto config = ParseBoardConfig(text, "board.yaml");
  EXPECT_TRUE(config.ok()) << config.status();
  return *config;
}

std::string SerialText(const ScriptedDevice& device) {
  return absl::StrCat("name: bench\ntarget: stm32f4\nport: {serial: ", device.path(), "}\n");
}

TEST(BoardRunTest, EmulatedBoardIsStartedAndRuns) {
  BoardConfig config = Config("name: m7\nport: {emulator: m7}\ntimeouts: {identify: 60s}\n");
  FirmwareOptions options;
  ApplyBoardConfig(config, options);
  EXPECT_EQ(options.program, FirmwareProgram::kServe);
  EXPECT_EQ(options.target->name, "mps2-an500");
  ExpectedIdentity expected;
  expected.network_digest = std::string(64, 'c');
  const auto board =
      ConnectedBoard::Connect(config, BuildByHand(*FindEmulatedBoard("m7")), expected, 1);
  NIWAKI_ASSERT_OK(board);
  const auto figures = RunTestVector((*board)->session());
  NIWAKI_ASSERT_OK(figures);
  EXPECT_THAT(figures->output, ElementsAre(2, -2, -128, -127));
  EXPECT_EQ(figures->operator_ticks.size(), 2);
  EXPECT_EQ(figures->identity.core, "cortex-m7");
  expected.network_digest = std::string(64, 'd');
  EXPECT_THAT(ConnectedBoard::Connect(config, BuildByHand(*FindEmulatedBoard("m7")), expected, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, "board m7: unix socket"));
}

TEST(BoardRunTest, BoardIsFlashedBeforeItIsAsked) {
  const ScriptedDevice device({});
  const std::string flashed = ::testing::TempDir() + "/flashed";
  BoardConfig config = Config(
      absl::StrCat(SerialText(device), "flash: {command: [cp, '{bin}', '", flashed, "']}\n"));
  const std::string elf = BuildByHand(*FindEmulatedBoard("m4"));
  NIWAKI_ASSERT_OK(ConnectedBoard::Connect(config, elf, {}, 1));
  EXPECT_TRUE(FileExists(flashed));
  config.flash.argv = {"false", "{elf}"};
  EXPECT_THAT(ConnectedBoard::Connect(config, elf, {}, 1),
              HasReason(absl::StatusCode::kUnavailable, reason::kCommandFailed));
}

TEST(BoardRunTest, SilentBoardIsSwitchedOffAndOn) {
  const ScriptedDevice device({{0, Trouble::kHang}});
  const std::string cycled = ::testing::TempDir() + "/cycled";
  const BoardConfig config = Config(absl::StrCat(
      SerialText(device), "timeouts: {identify: 100ms}\npower: {cycle: touch ", cycled, "}\n"));
  const auto board = ConnectedBoard::Connect(config, "", {}, 1);
  EXPECT_TRUE(FileExists(cycled));
  // This one is silent after that, too.
  EXPECT_EQ(FailureClassOf(board.status()), FailureClass::kTimeout);
  EXPECT_THAT(board, StatusIs(absl::StatusCode::kDeadlineExceeded, "board bench: serial port"));
}

TEST(BoardRunTest, SerialNumberOfTheFileIsExpected) {
  const ScriptedDevice device({});
  const BoardConfig config = Config(SerialText(device) + "serial_number: '12'\n");
  EXPECT_THAT(ConnectedBoard::Connect(config, "", {}, 1),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch));
}

}  // namespace
}  // namespace niwaki::board
