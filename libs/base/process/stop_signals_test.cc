#include "libs/base/process/stop_signals.h"

#include <signal.h>

#include "gmock/gmock.h"

namespace niwaki {
namespace {

using ::testing::UnorderedElementsAre;

TEST(StopSignalsTest, TermInterruptAndHangUpEndAProgram) {
  signal(SIGINT, SIG_DFL);
  signal(SIGHUP, SIG_DFL);

  EXPECT_THAT(StopSignals(), UnorderedElementsAre(SIGTERM, SIGINT, SIGHUP));
}

TEST(StopSignalsTest, IgnoredOnesDoNot) {
  signal(SIGINT, SIG_DFL);
  signal(SIGHUP, SIG_IGN);
  EXPECT_THAT(StopSignals(), UnorderedElementsAre(SIGTERM, SIGINT));
  signal(SIGINT, SIG_IGN);

  EXPECT_THAT(StopSignals(), UnorderedElementsAre(SIGTERM));

  signal(SIGINT, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
}

TEST(StopSignalsTest, TermCountsAlsoWhereItWasIgnored) {
  signal(SIGTERM, SIG_IGN);

  EXPECT_THAT(StopSignals(), ::testing::Contains(SIGTERM));

  signal(SIGTERM, SIG_DFL);
}

}  // namespace
}  // namespace niwaki
