#include "libs/board/emulator/emulator.h"

#include <sys/stat.h>

#include <string>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::board {
namespace {

// Programs that stand for the emulator: what firmware prints is theirs. Real firmware runs in
// libs/board/build.
EmulatorOptions Played(const std::string& script) {
  const std::string path = ::testing::TempDir() + "/emulator";
  NIWAKI_EXPECT_OK(WriteFileAtomically(path, "#!/bin/sh\n" + script));
  EmulatorOptions options;
  options.board = *FindEmulatedBoard("m4");
  options.elf_path = "firmware.elf";
  options.program = path;
  EXPECT_EQ(chmod(path.c_str(), 0755), 0);
  return options;
}

TEST(EmulatorTest, MachineFirmwareAndCounterAreSaid) {
  EXPECT_THAT(RunFirmware(Played("echo \"$*\" >&2; exit 3")),
              StatusIs(absl::StatusCode::kInternal, "-M mps2-an386 -kernel firmware.elf"));
  EXPECT_THAT(RunFirmware(Played("echo \"$*\" >&2; exit 3")),
              StatusIs(absl::StatusCode::kInternal, "-icount shift=7,sleep=off"));
}

TEST(EmulatorTest, FaultIsAnErrorWithWhatWasSaid) {
  EXPECT_THAT(RunFirmware(Played("echo niwaki-firmware 1; echo fault; exit 1")),
              StatusIs(absl::StatusCode::kInternal, "fault"));
}

TEST(EmulatorTest, FirmwareThatNeverEndsIsStopped) {
  EmulatorOptions options = Played("sleep 1000");
  options.timeout_ms = 50;
  EXPECT_THAT(RunFirmware(options), StatusIs(absl::StatusCode::kDeadlineExceeded, "50 ms"));
}

TEST(EmulatorTest, HalfAReportIsAnError) {
  EXPECT_THAT(RunFirmware(Played("echo niwaki-firmware 1")),
              StatusIs(absl::StatusCode::kDataLoss, "ticks NUMBER"));
}

}  // namespace
}  // namespace niwaki::board
