#include "services/cli/interrupt.h"

#include "gmock/gmock.h"

namespace niwaki::cli {
namespace {

TEST(InterruptTest, FirstSignalSetsTheFlag) {
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.requested());

  raise(SIGINT);

  EXPECT_TRUE(interrupt.requested());
}

TEST(InterruptTest, NewObjectStartsUnset) {
  {
    Interrupt interrupt;
    raise(SIGTERM);
  }

  EXPECT_FALSE(Interrupt().requested());
}

TEST(InterruptTest, EndOfTheTerminalCountsToo) {
  Interrupt interrupt;

  raise(SIGHUP);

  EXPECT_TRUE(interrupt.requested());
}

TEST(InterruptDeathTest, SecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        Interrupt interrupt;
        raise(SIGINT);
        raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace niwaki::cli
