// A pseudo-terminal for tests: one side is a serial device with a path, the other a port.

#ifndef NIWAKI_LIBS_BOARD_PORT_PTY_FOR_TEST_H_
#define NIWAKI_LIBS_BOARD_PORT_PTY_FOR_TEST_H_

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "libs/board/port/fd_port.h"

namespace niwaki::board {

struct Pty {
  // The device's side. Resetting it is pulling the plug.
  std::unique_ptr<FdPort> device;
  // What a host opens.
  std::string path;
  // The host's side, open: a device that reads before a host is there sees no hang-up.
  OwnedFd held;
};

inline Pty OpenPty() {
  Pty pty;
  OwnedFd fd(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_GE(fd.get(), 0);
  EXPECT_EQ(grantpt(fd.get()), 0);
  EXPECT_EQ(unlockpt(fd.get()), 0);
  char path[128] = {};
  EXPECT_EQ(ptsname_r(fd.get(), path, sizeof(path)), 0);
  // No echo of what the host has not opened yet.
  termios settings;
  EXPECT_EQ(tcgetattr(fd.get(), &settings), 0);
  cfmakeraw(&settings);
  EXPECT_EQ(tcsetattr(fd.get(), TCSANOW, &settings), 0);
  pty.path = path;
  pty.held = OwnedFd(open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  auto port = FdPort::Create(std::move(fd), "the device's side of " + pty.path);
  EXPECT_TRUE(port.ok()) << port.status();
  pty.device = *std::move(port);
  return pty;
}

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PORT_PTY_FOR_TEST_H_
