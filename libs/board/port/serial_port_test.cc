#include "libs/board/port/serial_port.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/port/pty_for_test.h"

namespace niwaki::board {
namespace {

const absl::Duration kLong = absl::Seconds(30);

TEST(SerialPortTest, EveryByteGoesThroughAsItIs) {
  const Pty pty = OpenPty();
  const auto port = OpenSerialPort({pty.path, 115200});
  NIWAKI_ASSERT_OK(port);
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  NIWAKI_ASSERT_OK((*port)->Write(all, Deadline::After(kLong)));
  std::string got;
  while (got.size() < all.size()) got += *pty.device->Read(Deadline::After(kLong));
  EXPECT_EQ(got, all);
  NIWAKI_ASSERT_OK(pty.device->Write(all, Deadline::After(kLong)));
  got.clear();
  while (got.size() < all.size()) got += *(*port)->Read(Deadline::After(kLong));
  EXPECT_EQ(got, all);
  EXPECT_EQ((*port)->name(), absl::StrCat("serial port ", pty.path, " at 115200 baud"));
}

TEST(SerialPortTest, SecondOpenerIsToldThatItIsBusy) {
  const Pty pty = OpenPty();
  auto port = OpenSerialPort({pty.path, 115200});
  NIWAKI_ASSERT_OK(port);
  const auto second = OpenSerialPort({pty.path, 115200});
  EXPECT_THAT(second, HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardBusy));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, pty.path + " is in use"));
  // The lock goes with who holds it.
  port->reset();
  NIWAKI_EXPECT_OK(OpenSerialPort({pty.path, 115200}));
}

TEST(SerialPortTest, HolderIsNamed) {
  const Pty pty = OpenPty();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const int fd = open(pty.path.c_str(), O_RDWR | O_NOCTTY);
    const bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (write(ready[1], locked ? "y" : "n", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char locked = 0;
  ASSERT_EQ(read(ready[0], &locked, 1), 1);
  EXPECT_EQ(locked, 'y');
  EXPECT_THAT(
      OpenSerialPort({pty.path, 115200}),
      StatusIs(absl::StatusCode::kFailedPrecondition, absl::StrCat("by process ", child, " (")));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

TEST(SerialPortTest, UnpluggedDeviceHasVanished) {
  Pty pty = OpenPty();
  const auto port = OpenSerialPort({pty.path, 115200});
  NIWAKI_ASSERT_OK(port);
  pty.device.reset();
  EXPECT_THAT((*port)->Read(Deadline::After(kLong)),
              HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
  EXPECT_THAT((*port)->Write("x", Deadline::After(kLong)),
              HasReason(absl::StatusCode::kUnavailable, reason::kBoardVanished));
}

TEST(SerialPortTest, WrongPortsAndRatesAreRefused) {
  const Pty pty = OpenPty();
  EXPECT_THAT(OpenSerialPort({pty.path, 12345}),
              StatusIs(absl::StatusCode::kInvalidArgument, "baud 12345"));
  EXPECT_THAT(OpenSerialPort({"/dev/no-such-tty", 115200}),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  const std::string file = ::testing::TempDir() + "/no_device";
  NIWAKI_ASSERT_OK(WriteFileAtomically(file, "x"));
  EXPECT_THAT(OpenSerialPort({file, 115200}),
              StatusIs(absl::StatusCode::kInvalidArgument, "is no serial device"));
}

TEST(SerialPortTest, RatesAscend) {
  EXPECT_EQ(BaudRates().front(), 9600);
  EXPECT_EQ(BaudRates().back(), 4000000);
  EXPECT_TRUE(std::is_sorted(BaudRates().begin(), BaudRates().end()));
}

}  // namespace
}  // namespace niwaki::board
