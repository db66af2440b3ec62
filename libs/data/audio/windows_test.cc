#include "libs/data/audio/windows.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kRate = 16000;

// `seconds` of a tone from `from_s` on, in noise of -60 dB.
std::vector<float> ToneAt(double from_s, double tone_s, double seconds, float offset = 0) {
  Random random(7);
  std::vector<float> samples;
  for (int64_t i = 0; i < static_cast<int64_t>(seconds * kRate); ++i) {
    const double at = static_cast<double>(i) / kRate - from_s;
    const double tone = at >= 0 && at < tone_s ? 0.3 * std::sin(6.2832 * 440 * at) : 0;
    samples.push_back(static_cast<float>(tone + 0.001 * random.Normal()) + offset);
  }
  return samples;
}

TEST(LoudestWindowTest, WordIsInTheMiddleOfTheWindow) {
  // A word of 0.5 s from 7.2 s on: the window of 1 s around it begins at 6.95 s.
  EXPECT_NEAR(LoudestWindow(ToneAt(7.2, 0.5, 10), kRate), 6.95 * kRate, 0.02 * kRate);
}

TEST(LoudestWindowTest, OffsetOfTheMicrophoneDoesNotCount) {
  EXPECT_NEAR(LoudestWindow(ToneAt(7.2, 0.5, 10, 0.4f), kRate), 6.95 * kRate, 0.02 * kRate);
}

TEST(LoudestWindowTest, WordAtAnEndStaysInside) {
  EXPECT_NEAR(LoudestWindow(ToneAt(0, 1, 10), kRate), 0, 0.01 * kRate);
  EXPECT_NEAR(LoudestWindow(ToneAt(9, 1, 10), kRate), 9 * kRate, 0.01 * kRate);
}

TEST(LoudestWindowTest, EvenRecordingGivesItsMiddle) {
  EXPECT_EQ(LoudestWindow(std::vector<float>(10 * kRate, 0.0f), kRate), 4.5 * kRate);
  EXPECT_NEAR(LoudestWindow(ToneAt(0, 10, 10), kRate), 4.5 * kRate, 0.01 * kRate);
}

TEST(LoudestWindowTest, ShortRecordingBeginsAtItsBeginning) {
  EXPECT_EQ(LoudestWindow({}, kRate), 0);
  EXPECT_EQ(LoudestWindow(std::vector<float>(kRate, 1.0f), kRate), 0);
}

TEST(SpreadWindowsTest, WindowsReachFromEndToEnd) {
  const std::vector<float> samples(35, 0.5f);

  EXPECT_THAT(SpreadWindows(samples, 10), ElementsAre(0, 8, 16, 25));
  EXPECT_THAT(SpreadWindows(absl::MakeConstSpan(samples).first(30), 10), ElementsAre(0, 10, 20));
  EXPECT_THAT(SpreadWindows(absl::MakeConstSpan(samples).first(14), 10), ElementsAre(2));
  EXPECT_THAT(SpreadWindows({}, 10), ElementsAre(0));
}

TEST(CutWindowTest, ShortRecordingLiesInTheMiddle) {
  const std::vector<float> samples = {1, 2, 3};

  EXPECT_THAT(CutWindow(samples, 0, 6), ElementsAre(0, 1, 2, 3, 0, 0));
  EXPECT_THAT(CutWindow(samples, 1, 2), ElementsAre(2, 3));
  EXPECT_THAT(CutWindow({}, 0, 2), ElementsAre(0, 0));
}

TEST(ParseWindowsTest, NamesRoundTrip) {
  for (Windows windows : {Windows::kLoudest, Windows::kAll}) {
    EXPECT_THAT(ParseWindows(WindowsName(windows)), IsOkAndHolds(windows));
  }
  EXPECT_THAT(ParseWindows("middle"),
              StatusIs(absl::StatusCode::kInvalidArgument, "it must be loudest or all"));
}

}  // namespace
}  // namespace niwaki::data
