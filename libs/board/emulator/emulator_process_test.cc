#include "libs/board/emulator/emulator_process.h"

#include <sys/stat.h>

#include <string>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/emulator/emulated_board.h"

namespace niwaki::board {
namespace {

// Programs that stand for the emulator. Real firmware runs in libs/board/session.
EmulatorOptions Played(const std::string& script) {
  const std::string path = ::testing::TempDir() + "/emulator";
  NIWAKI_EXPECT_OK(WriteFileAtomically(path, "#!/bin/sh\n" + script));
  EXPECT_EQ(chmod(path.c_str(), 0755), 0);
  EmulatorOptions options;
  options.board = *FindEmulatedBoard("m4");
  options.elf_path = "firmware.elf";
  options.program = path;
  return options;
}

TEST(EmulatorProcessTest, EmulatorThatEndsAtOnceIsToldWithItsWords) {
  const auto emulator =
      EmulatorProcess::Start(Played("echo \"$*\"; exit 4"), Deadline::After(absl::Minutes(1)));
  EXPECT_THAT(emulator, HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
  EXPECT_THAT(emulator, StatusIs(absl::StatusCode::kUnavailable,
                                 "ended with code 4 and said: -M mps2-an386 -kernel firmware.elf"));
}

TEST(EmulatorProcessTest, EmulatorThatDoesNotConnectIsATimeOut) {
  EXPECT_THAT(
      EmulatorProcess::Start(Played("sleep 1000"), Deadline::After(absl::Milliseconds(100))),
      HasReason(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded));
}

TEST(EmulatorProcessTest, MissingEmulatorNamesItsPackage) {
  EmulatorOptions options = Played("");
  options.program = "no-such-qemu";
  EXPECT_THAT(EmulatorProcess::Start(options, Deadline::After(absl::Minutes(1))),
              StatusIs(absl::StatusCode::kFailedPrecondition, "package qemu-system-arm"));
}

}  // namespace
}  // namespace niwaki::board
