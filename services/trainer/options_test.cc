#include "services/trainer/options.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::trainer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

absl::StatusOr<Options> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "niwaki-train");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, ReadsTraining) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Options options,
                              Parse({"--space", "kws", "--data", "d.nwd", "--out", "o", "--minutes",
                                     "4", "--seed", "9", "--resume"}));

  EXPECT_EQ(options.command, Command::kTrain);
  EXPECT_EQ(options.space, "kws");
  EXPECT_EQ(options.minutes, 4);
  EXPECT_EQ(options.seed, 9u);
  EXPECT_TRUE(options.resume);
}

std::string HelpOf(std::vector<const char*> arguments) {
  ::testing::internal::CaptureStdout();
  EXPECT_THAT(ParseOptions(static_cast<int>(arguments.size()), arguments.data()), IsOk());
  return ::testing::internal::GetCapturedStdout();
}

TEST(OptionsTest, HelpCallsTheProgramWhatItsUserCallsIt) {
  EXPECT_THAT(
      HelpOf({"niwaki", "--help"}),
      AllOf(HasSubstr("Usage: niwaki train [OPTIONS]"), HasSubstr("  niwaki evaluate --supernet"),
            HasSubstr("  niwaki supernet export --supernet"), Not(HasSubstr("niwaki-train"))));
  EXPECT_THAT(HelpOf({"niwaki", "evaluate", "--help"}), HasSubstr("Usage: niwaki evaluate ["));
  EXPECT_THAT(HelpOf({"niwaki", "export", "--help"}), HasSubstr("Usage: niwaki supernet export ["));
  EXPECT_THAT(HelpOf({"/usr/bin/niwaki-train", "--help"}),
              AllOf(HasSubstr("Usage: niwaki-train ["), HasSubstr("  niwaki-train evaluate --")));
}

TEST(OptionsTest, ReadsEvaluation) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Options options,
                              Parse({"evaluate", "--supernet", "s", "--data", "d.nwd", "--subnet",
                                     "{}", "--split", "validation"}));

  EXPECT_EQ(options.command, Command::kEvaluate);
  EXPECT_EQ(options.supernet, "s");
  EXPECT_EQ(options.subnet, "{}");
  EXPECT_EQ(options.split, "validation");
}

TEST(OptionsTest, ReadsComparison) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Options options, Parse({"compare", "--supernet", "s", "--data",
                                                            "d.nwd", "--out", "folder"}));

  EXPECT_EQ(options.command, Command::kCompare);
  EXPECT_EQ(options.subnets, 6);
  EXPECT_EQ(options.epochs, 0);
  EXPECT_THAT(Parse({"compare", "--supernet", "s", "--data", "d"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--out is required"));
  EXPECT_THAT(Parse({"compare", "--supernet", "s", "--data", "d", "--out", "f", "--subnets", "1"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--subnets"));
}

TEST(OptionsTest, ReadsQuantisation) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Options options,
                              Parse({"quantise", "--supernet", "s", "--data", "d.nwd", "--subnet",
                                     "{}", "--out", "f", "--record", "r", "--ranges", "percentile",
                                     "--percentile", "0.999", "--equalise", "false"}));

  EXPECT_EQ(options.command, Command::kQuantise);
  EXPECT_EQ(options.out, "f");
  EXPECT_EQ(options.record, "r");
  EXPECT_EQ(options.ranges, "percentile");
  EXPECT_EQ(options.percentile, 0.999);
  EXPECT_FALSE(options.equalise);
  EXPECT_TRUE(options.correct_bias);
  EXPECT_THAT(Parse({"quantise", "--supernet", "s", "--data", "d"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--out is required"));
  EXPECT_THAT(Parse({"evaluate", "--supernet", "s", "--data", "d", "--int8", "--ranges", "most"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--ranges"));
}

TEST(OptionsTest, ReadsExport) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Options options,
                              Parse({"export", "--supernet", "s", "--data", "d.nwd", "--subnet",
                                     "{}", "--out", "folder", "--format", "mcunet"}));

  EXPECT_EQ(options.command, Command::kExport);
  EXPECT_EQ(options.out, "folder");
  EXPECT_EQ(options.format, "mcunet");
  EXPECT_THAT(Parse({"export", "--supernet", "s", "--data", "d"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--out is required"));
  EXPECT_THAT(Parse({"export", "--supernet", "s", "--data", "d", "--out", "o", "--format", "onnx"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--format"));
}

TEST(OptionsTest, WrongArgumentsAreNamed) {
  EXPECT_THAT(Parse({"--space", "kws", "--out", "o"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--data is required"));
  EXPECT_THAT(Parse({"--data", "d", "--out", "o"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--space or --recipe is required"));
  EXPECT_THAT(Parse({"--space", "kws", "--data", "d", "--out", "o", "--precision", "int8"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--precision"));
  EXPECT_THAT(Parse({"--space", "kws", "--data", "d", "--out", "o", "--minutes", "-1"}),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(Parse({"--spcae", "kws"}), StatusIs(absl::StatusCode::kInvalidArgument, "--spcae"));
  EXPECT_THAT(Parse({"--minutes", "1", "--epochs", "1"}),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(Parse({"evaluate", "--data", "d"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--supernet is required"));
}

TEST(OptionsTest, NumbersNameTheirLimits) {
  const auto train_with = [](const char* flag, const char* value) {
    return Parse({"--space", "kws", "--data", "d", "--out", "o", flag, value});
  };
  EXPECT_THAT(train_with("--seed", "18446744073709551616"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "--seed: '18446744073709551616' is not a whole number from 0 to "
                       "18446744073709551615"));
  EXPECT_THAT(train_with("--minutes", "0"), StatusIs(absl::StatusCode::kInvalidArgument,
                                                     "--minutes: '0' is not a number above 0"));
  EXPECT_THAT(train_with("--threads", "-2"), StatusIs(absl::StatusCode::kInvalidArgument,
                                                      "--threads: '-2' is not a number from 0"));
  EXPECT_THAT(Parse({"evaluate", "--supernet", "s", "--data", "d", "--evaluation-images", "-5"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--evaluation-images: '-5'"));
  EXPECT_THAT(train_with("--out", ""), StatusIs(absl::StatusCode::kInvalidArgument, "--out"));
}

TEST(OptionsTest, RecordingNeedsItsLabelsAndTheOtherWayRound) {
  const auto with = [](const std::vector<const char*>& more) {
    std::vector<const char*> arguments = {"evaluate", "--supernet", "s", "--data", "d"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Parse(arguments);
  };
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Options options, with({"--stream", "long.wav", "--labels",
                                                           "long.txt", "--threshold", "200"}));
  EXPECT_EQ(options.stream, "long.wav");
  EXPECT_EQ(options.labels, "long.txt");
  EXPECT_EQ(options.threshold, 200);
  EXPECT_FALSE(with({"--stream", "long.wav"}).ok());
  EXPECT_FALSE(with({"--labels", "long.txt"}).ok());
  EXPECT_FALSE(with({"--stream", "l", "--labels", "l", "--threshold", "256"}).ok());
}

TEST(OptionsTest, LastOutputFormatCounts) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Options options,
                              Parse({"evaluate", "--supernet", "s", "--data", "d", "--output",
                                     "text", "--output", "json"}));

  EXPECT_EQ(options.output_format, "json");
}

}  // namespace
}  // namespace niwaki::trainer
