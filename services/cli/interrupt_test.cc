#include "services/cli/interrupt.h"

#include "gmock/gmock.h"

namespace niwaki::cli {
namespace {

class InterruptTest : public ::testing::Test {
 protected:
  // Who runs the tests may ignore them.
  InterruptTest() {
    for (const int number : {SIGINT, SIGHUP}) signal(number, SIG_DFL);
  }
};

using InterruptDeathTest = InterruptTest;

TEST_F(InterruptTest, FirstSignalSetsTheFlag) {
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.requested());

  raise(SIGINT);

  EXPECT_TRUE(interrupt.requested());
}

TEST_F(InterruptTest, NewObjectStartsUnset) {
  {
    Interrupt interrupt;
    raise(SIGTERM);
  }

  EXPECT_FALSE(Interrupt().requested());
}

TEST_F(InterruptTest, EndOfTheTerminalCountsToo) {
  Interrupt interrupt;

  raise(SIGHUP);
  raise(SIGHUP);

  EXPECT_TRUE(interrupt.requested());
}

TEST_F(InterruptTest, WhatIsIgnoredStaysIgnored) {
  for (const int ignored : {SIGHUP, SIGINT}) {
    signal(ignored, SIG_IGN);
    {
      Interrupt interrupt;

      raise(ignored);
      EXPECT_FALSE(interrupt.requested());
      raise(SIGTERM);
      EXPECT_TRUE(interrupt.requested());
    }
    EXPECT_EQ(signal(ignored, SIG_DFL), SIG_IGN);
  }
}

TEST_F(InterruptTest, EarlierEffectsComeBack) {
  { Interrupt interrupt; }

  for (const int number : {SIGHUP, SIGINT, SIGTERM}) {
    EXPECT_EQ(signal(number, SIG_DFL), SIG_DFL) << number;
  }
}

TEST_F(InterruptDeathTest, SecondSignalEndsTheProcess) {
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
