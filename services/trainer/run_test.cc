#include "services/trainer/run.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"
#include "services/trainer/progress_line.h"

namespace niwaki::trainer {
namespace {

using ::testing::HasSubstr;

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

int RunWith(std::vector<std::string> arguments, std::string* output = nullptr) {
  std::vector<const char*> argv = {"niwaki-train"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  ::testing::internal::CaptureStdout();
  const int code = Run(static_cast<int>(argv.size()), argv.data());
  const std::string captured = ::testing::internal::GetCapturedStdout();
  if (output != nullptr) *output = captured;
  return code;
}

TEST(RunTest, TrainsThenEvaluates) {
  data::SyntheticOptions data;
  data.classes = 3;
  data.channels = 1;
  data.height = 49;
  data.width = 40;
  data.sizes = {64, 32, 32, 32};
  data.out = Path("run.nwd");
  ASSERT_THAT(data::GenerateSynthetic(data), IsOk());
  const std::string supernet = Path("run.safetensors");
  std::string trained, evaluated;

  ASSERT_EQ(RunWith({"--space", "kws", "--data", data.out, "--out", supernet, "--epochs", "1",
                     "--output", "json"},
                    &trained),
            0);
  ASSERT_EQ(RunWith({"evaluate", "--supernet", supernet, "--data", data.out, "--subnet", "smallest",
                     "--output", "json"},
                    &evaluated),
            0);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json summary, ParseJson(trained, "summary"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json score, ParseJson(evaluated, "score"));
  EXPECT_EQ(summary["test"]["smallest"]["loss"], score["loss"]);
  EXPECT_EQ(score["images"], 32);
}

// A keyword model is not square: OFA's files cannot say what it is.
TEST(RunTest, ExportSaysWhatTheFormatCannotHold) {
  data::SyntheticOptions data;
  data.channels = 1;
  data.height = 49;
  data.width = 40;
  data.out = Path("export.nwd");
  ASSERT_THAT(data::GenerateSynthetic(data), IsOk());
  const std::string supernet = Path("export.safetensors");
  ASSERT_EQ(
      RunWith({"--space", "kws", "--data", data.out, "--out", supernet, "--minutes", "0.001"}), 0);

  EXPECT_EQ(
      RunWith({"export", "--supernet", supernet, "--data", data.out, "--out", Path("folder")}), 1);
  EXPECT_FALSE(FileExists(Path("folder/net.config")));
}

TEST(RunTest, ExitCodesTellTheKindOfFailure) {
  EXPECT_EQ(RunWith({"--help"}), 0);
  EXPECT_EQ(RunWith({"--nonsense"}), 2);
  EXPECT_EQ(RunWith({"--space", "kws", "--data", Path("none.nwd"), "--out", Path("o")}), 1);
}

TEST(ProgressLineTest, ShowsShareLossAndTime) {
  train::TrainProgress progress;
  progress.step = 310;
  progress.total_steps = 640;
  progress.progress = 0.484;
  progress.loss = 1.0204;
  progress.accuracy = 0.712;
  progress.images_per_second = 212.3;
  progress.eta_seconds = 125;

  const std::string line = FormatProgress(progress);

  EXPECT_THAT(line,
              HasSubstr("48%  step 310/640  loss 1.020  train acc 71.2%  212 img/s  ETA 2:05"));
}

TEST(ProgressLineTest, PipeGetsALineNowAndThen) {
  FakeClock clock;
  const std::string path = Path("progress.txt");
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  ProgressLine line(file, /*terminal=*/false, &clock);
  for (int second = 0; second < 25; ++second) {
    line.Show({});
    clock.Advance(absl::Seconds(1));
  }
  line.Finish();
  std::fclose(file);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

}  // namespace
}  // namespace niwaki::trainer
