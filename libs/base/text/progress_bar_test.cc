#include "libs/base/text/progress_bar.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sstream>

#include "gmock/gmock.h"

namespace niwaki {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class ProgressBarTest : public ::testing::Test {
 protected:
  ProgressOptions Options(ProgressStyle style) {
    ProgressOptions options;
    options.style = style;
    options.out = &out_;
    options.clock = &clock_;
    options.label = "search";
    return options;
  }

  // What was written since the last call.
  std::string Take() {
    std::string text = out_.str();
    out_.str("");
    return text;
  }

  std::ostringstream out_;
  FakeClock clock_;
};

TEST_F(ProgressBarTest, BarShowsShareRateAndEta) {
  ProgressBar bar(Options(ProgressStyle::kBar));
  bar.Update(0, 200);
  clock_.Advance(absl::Seconds(8));
  Take();

  bar.Update(100, 200, "front 7");

  const std::string line = Take();
  EXPECT_THAT(line, AllOf(HasSubstr("\rsearch [#"), HasSubstr(" 50%"), HasSubstr("100/200"),
                          HasSubstr("12.5/s"), HasSubstr("ETA 8s"), HasSubstr("front 7")));
  EXPECT_THAT(line, Not(HasSubstr("\n")));
}

TEST_F(ProgressBarTest, BarKeepsToTheTerminalWidth) {
  ProgressOptions options = Options(ProgressStyle::kBar);
  options.columns = 50;
  ProgressBar bar(options);

  bar.Update(10, 200, std::string(300, 'x'));

  std::string line = Take();
  line = line.substr(1, line.find('\x1b') - 1);
  EXPECT_EQ(line.size(), 49);
}

TEST_F(ProgressBarTest, BarFollowsTheTerminalThatIsResized) {
  struct winsize size = {24, 90, 0, 0};
  int outside = -1;
  int inside = -1;
  ASSERT_EQ(openpty(&outside, &inside, nullptr, nullptr, &size), 0);
  ProgressOptions options = Options(ProgressStyle::kBar);
  options.terminal_fd = inside;
  ProgressBar bar(options);
  const auto length_of_next = [&](int done) {
    clock_.Advance(absl::Seconds(1));
    bar.Update(done, 200, std::string(300, 'x'));
    const std::string line = Take();
    return line.find('\x1b') - 1;
  };

  EXPECT_EQ(length_of_next(10), 89);
  size.ws_col = 30;
  ASSERT_EQ(ioctl(outside, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(length_of_next(11), 29);

  close(outside);
  close(inside);
}

TEST_F(ProgressBarTest, BarDrawsAtMostEveryInterval) {
  ProgressBar bar(Options(ProgressStyle::kBar));
  bar.Update(1, 200);
  Take();

  bar.Update(2, 200);
  EXPECT_EQ(Take(), "");
  clock_.Advance(absl::Milliseconds(100));
  bar.Update(3, 200);
  EXPECT_THAT(Take(), HasSubstr("3/200"));
  bar.Update(200, 200);
  EXPECT_THAT(Take(), HasSubstr("100%"));
}

TEST_F(ProgressBarTest, LinesComeEveryFewSeconds) {
  ProgressBar bar(Options(ProgressStyle::kLines));
  bar.Update(0, 10);
  EXPECT_EQ(Take(), "search 0%  0/10\n");

  clock_.Advance(absl::Seconds(4));
  bar.Update(3, 10);
  EXPECT_EQ(Take(), "");
  clock_.Advance(absl::Seconds(1));
  bar.Update(5, 10);
  EXPECT_EQ(Take(), "search 50%  5/10  1.00/s  ETA 5s\n");
}

TEST_F(ProgressBarTest, FinishShowsTheLastStateOnce) {
  ProgressBar bar(Options(ProgressStyle::kLines));
  bar.Update(0, 10);
  bar.Update(4, 10);
  Take();

  bar.Finish();
  EXPECT_THAT(Take(), EndsWith("4/10\n"));
  bar.Finish();
  bar.Update(5, 10);
  EXPECT_EQ(Take(), "");
}

TEST_F(ProgressBarTest, FinishedBarEndsItsLine) {
  ProgressBar bar(Options(ProgressStyle::kBar));
  bar.Update(10, 10);
  Take();

  bar.Finish();

  EXPECT_THAT(Take(), EndsWith("\n"));
}

TEST_F(ProgressBarTest, NoneWritesNothing) {
  ProgressBar bar(Options(ProgressStyle::kNone));
  bar.Update(1, 10);
  bar.Clear();
  bar.Finish();

  EXPECT_EQ(Take(), "");
}

TEST_F(ProgressBarTest, KnownRemainingTimeIsPreferred) {
  ProgressBar bar(Options(ProgressStyle::kLines));
  bar.SetRemaining(absl::Seconds(125));

  bar.Update(5, 10);

  EXPECT_THAT(Take(), HasSubstr("ETA 2m05s"));
}

TEST_F(ProgressBarTest, RateForgetsWhatIsLongAgo) {
  ProgressBar bar(Options(ProgressStyle::kLines));
  bar.Update(0, 100000);
  for (int i = 1; i <= 60; ++i) {
    clock_.Advance(absl::Seconds(1));
    bar.Update(1000 + 2 * i, 100000);
  }

  EXPECT_NEAR(bar.Rate(), 2, 0.2);
}

TEST_F(ProgressBarTest, UnknownTotalShowsCountsOnly) {
  ProgressOptions options = Options(ProgressStyle::kLines);
  options.bytes = true;
  ProgressBar bar(options);

  bar.Update(2048, 0);

  EXPECT_EQ(Take(), "search 2.0 kB\n");
}

TEST(FormatSecondsTest, GrowsFromSecondsToHours) {
  EXPECT_EQ(FormatSeconds(absl::Seconds(0)), "0s");
  EXPECT_EQ(FormatSeconds(absl::Seconds(59.6)), "1m00s");
  EXPECT_EQ(FormatSeconds(absl::Seconds(125)), "2m05s");
  EXPECT_EQ(FormatSeconds(absl::Minutes(62)), "1h02m");
  EXPECT_EQ(FormatSeconds(-absl::Seconds(5)), "0s");
  EXPECT_NE(FormatSeconds(absl::InfiniteDuration()), "");
}

}  // namespace
}  // namespace niwaki
