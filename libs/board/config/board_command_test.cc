#include "libs/board/config/board_command.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/failure/failure.h"

namespace niwaki::board {
namespace {

BoardConfig Config() {
  BoardConfig config;
  config.name = "bench";
  config.probe_serial = "066AFF";
  return config;
}

TEST(BoardCommandTest, WordsArePutInWithoutAShell) {
  BoardConfig config = Config();
  const std::string file = ::testing::TempDir() + "/said";
  config.flash.argv = {"sh",       "-c", "printf '%s|' \"$@\" > " + file, "sh",
                       "{serial}", "-c", "program {elf} verify; {bin}"};
  NIWAKI_ASSERT_OK(FlashBoard(config, "/a b/fw.elf", "/a b/fw.bin"));
  EXPECT_THAT(ReadFile(file),
              IsOkAndHolds(std::string("066AFF|-c|program /a b/fw.elf verify; /a b/fw.bin|")));
}

TEST(BoardCommandTest, FailureSaysCodeAndWords) {
  BoardConfig config = Config();
  config.flash.argv = {"sh", "-c", "echo probing; echo no device found >&2; exit 7", "{elf}"};
  const absl::Status status = FlashBoard(config, "fw.elf", "fw.bin");
  EXPECT_THAT(status, HasReason(absl::StatusCode::kUnavailable, reason::kCommandFailed));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable,
                               "flash.command of board bench: sh ended with code 7 and said: "
                               "probing\nno device found"));
  EXPECT_EQ(FailureClassOf(status), FailureClass::kInfrastructure);
}

TEST(BoardCommandTest, CommandThatHangsIsStopped) {
  BoardConfig config = Config();
  config.power_cycle.argv = {"sleep", "1000"};
  config.power_cycle.timeout = absl::Milliseconds(50);
  const absl::Status status = CyclePower(config);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded,
                               "power.cycle of board bench: sleep did not end within 50 ms"));
  EXPECT_EQ(FailureClassOf(status), FailureClass::kTimeout);
}

TEST(BoardCommandTest, MissingToolNamesItsPackage) {
  BoardConfig config = Config();
  config.flash.argv = {"./st-flash", "{bin}"};
  EXPECT_THAT(FlashBoard(config, "a", "b"),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  EXPECT_EQ(FailureClassOf(FlashBoard(config, "a", "b")), FailureClass::kConfiguration);
}

TEST(BoardCommandTest, BoardWithoutACommandSaysSo) {
  EXPECT_THAT(FlashBoard(Config(), "a", "b"),
              StatusIs(absl::StatusCode::kFailedPrecondition, "board bench has no flash.command"));
  EXPECT_THAT(CyclePower(Config()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "board bench has no power.cycle"));
}

}  // namespace
}  // namespace niwaki::board
