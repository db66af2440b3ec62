#include "services/cli/predictor_commands.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "services/cli/run_command.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

class PredictorCommandsTest : public ::testing::Test {
 protected:
  absl::Status Run(std::vector<std::string> arguments, bool json = false) {
    out_.str("");
    return RunCommand(AddPredictorCommand, std::move(arguments), json, out_, err_);
  }

  // Scores of `rows` networks of kws that grow with their number of genes.
  std::string WriteScores(int rows) {
    const arch::SearchSpace space = *arch::CatalogueSpace("kws");
    Random random(1);
    std::string csv = "top1,subnet\n";
    for (int i = 0; i < rows; ++i) {
      const arch::Subnet subnet = arch::SampleSubnet(space, random);
      double top1 = 0.5;
      for (const uint8_t gene : subnet.genes) top1 += 0.005 * gene;
      absl::StrAppend(&csv, top1, ",\"",
                      absl::StrReplaceAll(arch::ToJson(space, subnet), {{"\"", "\"\""}}), "\"\n");
    }
    EXPECT_THAT(WriteFileAtomically(Path("scores.csv"), csv), IsOk());
    return Path("scores.csv");
  }

  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(PredictorCommandsTest, TrainedPredictorIsShownAndUsed) {
  const std::string out = Path("kws.predictor");

  ASSERT_THAT(
      Run({"predictor", "train", "--scores", WriteScores(200), "--space", "kws", "--out", out},
          /*json=*/true),
      IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json trained, ParseJson(out_.str(), "out"));
  EXPECT_EQ(trained["scores"], 200);
  EXPECT_EQ(trained["scores_sha256"].get<std::string>().size(), 64);
  EXPECT_GT(trained["held_out"]["kendall"].get<double>(), 0.9);

  ASSERT_THAT(Run({"predictor", "show", out}), IsOk());
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("kws"), HasSubstr("200 in 1 session"),
                                HasSubstr("kendall"), HasSubstr("200 networks in 5 parts")));

  ASSERT_THAT(Run({"predictor", "predict", out, "--subnet", "max"}, /*json=*/true), IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json predicted, ParseJson(out_.str(), "out"));
  EXPECT_GT(predicted["predictions"][0]["top1"].get<double>(), 0.55);
}

TEST_F(PredictorCommandsTest, NetworksTrainOnAnEncoding) {
  const std::string out = Path("mlp.predictor");
  const std::vector<std::string> train = {"predictor", "train", "--scores", WriteScores(40),
                                          "--space",   "kws",   "--out",    out,
                                          "--kind",    "mlp",   "--steps",  "20"};

  ASSERT_THAT(Run(train, /*json=*/true), IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json trained, ParseJson(out_.str(), "out"));
  EXPECT_EQ(trained["kind"], "mlp");
  EXPECT_EQ(trained["encoding"], "one_hot");
  EXPECT_EQ(trained["held_out"]["networks"], 40);
  EXPECT_THAT(Run({"predictor", "predict", out, "--subnet", "max"}), IsOk());

  std::vector<std::string> unfit = train;
  unfit.insert(unfit.end(), {"--encoding", "ofa_tutorial"});
  EXPECT_THAT(Run(unfit), StatusIs(kInvalid, "ofa_tutorial"));
}

TEST_F(PredictorCommandsTest, OtherSpaceIsRefused) {
  const std::string out = Path("for_kws.predictor");
  ASSERT_THAT(
      Run({"predictor", "train", "--scores", WriteScores(30), "--space", "kws", "--out", out}),
      IsOk());

  EXPECT_THAT(Run({"predictor", "predict", out, "--space", "cifar32", "--subnet", "max"}),
              StatusIs(kInvalid, "for space kws"));
}

TEST_F(PredictorCommandsTest, BadArgumentsAreNamed) {
  const std::string scores = WriteScores(10);
  const std::string out = Path("none.predictor");

  EXPECT_THAT(Run({"predictor", "train", "--out", out}),
              StatusIs(kInvalid, "exactly one of --job and --scores"));
  EXPECT_THAT(Run({"predictor", "train", "--scores", scores, "--out", out}),
              StatusIs(kInvalid, "--scores needs --space"));
  EXPECT_THAT(Run({"predictor", "train", "--scores", scores, "--space", "kws", "--out", out}),
              StatusIs(kInvalid, "scores is 10 networks, it must be at least 20"));
  EXPECT_THAT(
      Run({"predictor", "import", scores, "--encoding", "x", "--space", "kws", "--out", out}),
      StatusIs(kInvalid, "encoding 'x' is not one of one_hot"));
  EXPECT_THAT(Run({"predictor", "import", scores, "--encoding", "ofa_tutorial", "--space", "kws",
                   "--out", out}),
              StatusIs(kInvalid, "encoding ofa_tutorial does not fit space kws"));
  EXPECT_THAT(Run({"predictor", "show", Path("absent")}),
              StatusIs(absl::StatusCode::kNotFound, "absent"));
  EXPECT_FALSE(FileExists(out));
}

TEST_F(PredictorCommandsTest, HelpHasExamples) {
  ASSERT_THAT(Run({"predictor", "train", "--help"}), IsOk());

  EXPECT_THAT(out_.str(), HasSubstr("niwaki predictor train --job my-job --out my.predictor"));
}

}  // namespace
}  // namespace niwaki::cli
