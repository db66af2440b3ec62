#include "services/trainer/progress_line.h"

#include <algorithm>
#include <sstream>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "libs/base/process/terminal.h"

namespace niwaki::trainer {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Terminal kNoTerminal = {/*draws=*/false, 80};
constexpr Terminal kTerminal = {/*draws=*/true, 100};

train::TrainProgress Progress() {
  train::TrainProgress progress;
  progress.step = 310;
  progress.total_steps = 640;
  progress.progress = 0.484;
  progress.loss = 1.0204;
  progress.accuracy = 0.712;
  progress.images_per_second = 212.3;
  progress.eta_seconds = 125;
  return progress;
}

TEST(ProgressLineTest, ShowsShareLossAndTime) {
  std::ostringstream out;
  FakeClock clock;
  ProgressLine line(out, kNoTerminal, -1, &clock);

  line.Show(Progress());

  EXPECT_EQ(out.str(), "train 48%  310/640  ETA 2m05s  loss 1.020  train acc 71.2%  212 img/s\n");
}

TEST(ProgressLineTest, BarIsAsWideAsTheTerminal) {
  std::ostringstream out;
  FakeClock clock;
  ProgressLine line(out, {/*draws=*/true, 50}, -1, &clock);

  line.Show(Progress());

  EXPECT_EQ(out.str().find('\x1b'), 50u);
}

TEST(ProgressLineTest, PipeGetsALineNowAndThen) {
  std::ostringstream out;
  FakeClock clock;
  ProgressLine line(out, kNoTerminal, -1, &clock);
  train::TrainProgress progress = Progress();

  for (progress.step = 0; progress.step < 25; ++progress.step) {
    line.Show(progress);
    clock.Advance(absl::Seconds(1));
  }

  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(ProgressLineTest, EvaluationStandsOnALineOfItsOwn) {
  std::ostringstream out;
  FakeClock clock;
  ProgressLine line(out, kTerminal, -1, &clock);
  train::TrainProgress progress = Progress();
  line.Show(progress);
  progress.evaluated.emplace();
  progress.evaluated->largest.top1 = 0.821;
  progress.evaluated->smallest.top1 = 0.703;

  line.Show(progress);
  line.Finish();

  EXPECT_THAT(out.str(),
              AllOf(StartsWith("\rtrain [####"),
                    HasSubstr("\r\x1b[Kvalidation after 48%: largest 82.1%, smallest 70.3%\n"),
                    EndsWith("\n")));
}

TEST(ProgressLineTest, PhaseIsNamedWhereThereAreSeveral) {
  std::ostringstream out;
  FakeClock clock;
  ProgressLine line(out, kNoTerminal, -1, &clock);
  train::TrainProgress progress = Progress();
  progress.phase = "kernel";
  progress.phase_index = 1;
  progress.phases = 4;

  line.Show(progress);

  EXPECT_THAT(out.str(), HasSubstr("phase 2/4 kernel  loss 1.020"));
}

TEST(ProgressLineTest, PhaseEndListsItsSubnets) {
  train::TrainProgress progress;
  progress.phase = "kernel";
  progress.corners.resize(2);
  progress.corners[0].name = "R25";
  progress.corners[0].score.top1 = 0.5;
  progress.corners[1].name = "R49";
  progress.corners[1].score.top1 = 0.75;

  EXPECT_EQ(FormatPhaseEnd(progress),
            "phase kernel done: mean top-1 62.5% of 2 subnets (R25 50.0%, R49 75.0%)");
}

}  // namespace
}  // namespace niwaki::trainer
