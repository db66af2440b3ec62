#include "libs/base/process/terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace niwaki {
namespace {

// A terminal of `columns`.
class Pty {
 public:
  explicit Pty(unsigned short columns) {
    struct winsize size = {24, columns, 0, 0};
    EXPECT_EQ(openpty(&outside_, &inside_, nullptr, nullptr, &size), 0);
  }
  ~Pty() {
    close(outside_);
    close(inside_);
  }
  void Resize(unsigned short columns) {
    struct winsize size = {24, columns, 0, 0};
    EXPECT_EQ(ioctl(outside_, TIOCSWINSZ, &size), 0);
  }
  int fd() const { return inside_; }

 private:
  int outside_ = -1;
  int inside_ = -1;
};

TEST(TerminalTest, WideTerminalDraws) {
  const Pty pty(100);

  const Terminal terminal = DescribeTerminal(pty.fd(), "xterm");

  EXPECT_TRUE(terminal.draws);
  EXPECT_EQ(terminal.columns, 100);
}

TEST(TerminalTest, DumbAndUnknownTerminalsGetLines) {
  const Pty pty(100);

  EXPECT_FALSE(DescribeTerminal(pty.fd(), "dumb").draws);
  EXPECT_FALSE(DescribeTerminal(pty.fd(), "").draws);
  EXPECT_FALSE(DescribeTerminal(pty.fd(), nullptr).draws);
}

TEST(TerminalTest, NarrowTerminalGetsLines) {
  Pty pty(39);
  EXPECT_FALSE(DescribeTerminal(pty.fd(), "xterm").draws);

  pty.Resize(40);

  EXPECT_TRUE(DescribeTerminal(pty.fd(), "xterm").draws);
}

TEST(TerminalTest, UnknownWidthIsEighty) {
  const Pty pty(0);

  const Terminal terminal = DescribeTerminal(pty.fd(), "vt100");

  EXPECT_TRUE(terminal.draws);
  EXPECT_EQ(terminal.columns, 80);
}

TEST(TerminalTest, PipesAndFilesAreNone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int null = open("/dev/null", O_WRONLY);

  EXPECT_FALSE(DescribeTerminal(ends[1], "xterm").draws);
  EXPECT_FALSE(DescribeTerminal(null, "xterm").draws);
  EXPECT_FALSE(DescribeTerminal(-1, "xterm").draws);

  close(ends[0]);
  close(ends[1]);
  close(null);
}

}  // namespace
}  // namespace niwaki
