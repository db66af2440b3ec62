#include "libs/train/train_log.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

std::string Path(const std::string& name) { return absl::StrCat(::testing::TempDir(), "/", name); }

std::vector<Json> LinesOf(const std::string& path) {
  const std::string text = *ReadFile(path);
  EXPECT_EQ(text.back(), '\n');
  std::vector<Json> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    lines.push_back(*ParseJson(line, "line"));
  }
  return lines;
}

supernet::Score ScoreOf(double top1) {
  supernet::Score score;
  score.top1 = top1;
  score.top5 = 0.9;
  score.loss = 1.25;
  score.images = 48;
  return score;
}

TrainProgress Progress() {
  TrainProgress progress;
  progress.phase = "kernel";
  progress.step = 40;
  progress.total_steps = 80;
  progress.learning_rate = 0.5;
  progress.loss = 1.5;
  progress.descended_loss = 2.5;
  progress.accuracy = 0.75;
  progress.images_per_second = 100;
  progress.elapsed_seconds = 12;
  progress.eta_seconds = 13;
  return progress;
}

TEST(TrainLogTest, FullDiskIsRemembered) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open("/dev/full", /*append=*/false));
  EXPECT_THAT(log->status(), IsOk());

  log->Step(Progress());

  EXPECT_THAT(log->status(), StatusIs(absl::StatusCode::kResourceExhausted, "/dev/full"));
}

TEST(TrainLogTest, StepsSayWhereAndHowWell) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open(Path("step"), /*append=*/false));

  log->Step(Progress());

  const std::vector<Json> lines = LinesOf(Path("step"));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], Json::parse(R"({
      "event": "step", "phase": "kernel", "step": 40, "total_steps": 80, "elapsed_seconds": 12.0,
      "learning_rate": 0.5, "loss": 1.5, "descended_loss": 2.5, "accuracy": 0.75,
      "images_per_second": 100.0, "eta_seconds": 13.0})"));
}

TEST(TrainLogTest, StartHoldsTheManifest) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open(Path("start"), /*append=*/false));

  log->Start(R"({"seed": 7})", 5);

  EXPECT_EQ(LinesOf(Path("start"))[0],
            Json::parse(R"({"event": "start", "step": 5, "manifest": {"seed": 7}})"));
}

TEST(TrainLogTest, EvaluationsHoldBothEnds) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open(Path("ends"), /*append=*/false));
  TrainProgress progress = Progress();
  progress.evaluated = EndScores{ScoreOf(0.75), ScoreOf(0.5)};

  log->Evaluation(progress);

  const Json line = LinesOf(Path("ends"))[0];
  EXPECT_EQ(line["event"], "evaluation");
  EXPECT_EQ(line["validation"], Json::parse(R"({
      "largest": {"top1": 0.75, "top5": 0.9, "loss": 1.25, "images": 48},
      "smallest": {"top1": 0.5, "top5": 0.9, "loss": 1.25, "images": 48}})"));
}

TEST(TrainLogTest, PhaseEndsHoldTheirCornersAndMean) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open(Path("corners"), /*append=*/false));
  TrainProgress progress = Progress();
  progress.corners = {{"R8-K3", ScoreOf(0.25)}, {"R8-K7", ScoreOf(0.75)}, {"R9", ScoreOf(0.5)}};

  log->PhaseEnd(progress);

  const Json line = LinesOf(Path("corners"))[0];
  EXPECT_EQ(line["event"], "phase_end");
  EXPECT_EQ(line["validation"].size(), 3u);
  EXPECT_EQ(line["validation"]["R8-K7"]["top1"], 0.75);
  EXPECT_EQ(line["mean_top1"], 0.5);
}

TEST(TrainLogTest, TheEndHoldsTheSummary) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open(Path("end"), /*append=*/false));
  TrainSummary summary;
  summary.output = "o.safetensors";
  summary.digest = "d1";
  summary.steps = 80;
  summary.epochs = 2;
  summary.elapsed_seconds = 30;
  summary.images_per_second = 90;
  summary.validation = {ScoreOf(0.8), ScoreOf(0.6)};
  summary.test = {ScoreOf(0.7), ScoreOf(0.5)};

  log->End(summary);

  const Json line = LinesOf(Path("end"))[0];
  EXPECT_EQ(line["event"], "end");
  EXPECT_EQ(line["step"], 80);
  EXPECT_EQ(line["epochs"], 2.0);
  EXPECT_EQ(line["output"], "o.safetensors");
  EXPECT_EQ(line["digest"], "d1");
  EXPECT_EQ(line["validation"]["smallest"]["top1"], 0.6);
  EXPECT_EQ(line["test"]["largest"]["top1"], 0.7);
}

TEST(TrainLogTest, AResumedLogGoesOnAndANewOneBeginsAgain) {
  const std::string path = Path("append");
  for (const bool append : {false, true, true}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open(path, append));
    log->Step(Progress());
  }
  EXPECT_EQ(LinesOf(path).size(), 3u);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto log, TrainLog::Open(path, /*append=*/false));
  log->Step(Progress());

  EXPECT_EQ(LinesOf(path).size(), 1u);
}

TEST(TrainLogTest, AFolderThatIsNotThereIsNamed) {
  EXPECT_THAT(TrainLog::Open(Path("no/such/log"), false),
              StatusIs(absl::StatusCode::kNotFound, "no/such/log"));
}

}  // namespace
}  // namespace niwaki::train
