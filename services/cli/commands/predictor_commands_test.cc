#include "services/cli/commands/predictor_commands.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <utility>
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
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/tensor.h"
#include "services/cli/commands/run_command.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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
  EXPECT_GT(trained["held_out"]["kendall_within"].get<double>(), 0.9);
  for (const char* baseline : {"macs", "parameters"}) {
    const Json& order = trained["held_out"][baseline];
    EXPECT_LT(order["kendall"].get<double>(), trained["held_out"]["kendall"].get<double>());
    EXPECT_TRUE(order.contains("kendall_within")) << baseline;
  }

  ASSERT_THAT(Run({"predictor", "show", out}), IsOk());
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("kws"), HasSubstr("200 in 1 session"),
                                HasSubstr("kendall"), HasSubstr("200 networks in 5 parts"),
                                HasSubstr("kendall within one input size"),
                                HasSubstr("kendall by MACs"), HasSubstr("kendall by parameters")));

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

// OFA's predictor of ResNets, made up: its first hidden unit counts columns that are 1, weighted by
// their number, the others are 0; the output is a hundredth of it.
TEST_F(PredictorCommandsTest, ResNetPredictorIsImportedAndUsed) {
  constexpr int kColumns = 82;
  constexpr int kHidden = 4;
  std::vector<float> first(kHidden * kColumns);
  for (int i = 0; i < kColumns; ++i) first[i] = i;
  std::vector<float> middle(kHidden * kHidden);
  middle[0] = 1;
  const std::vector<float> bias(kHidden);
  const std::vector<float> last = {0.01f, 0, 0, 0};
  const std::vector<float> base = {0.5f};
  const auto view = [](std::vector<int64_t> shape, const std::vector<float>& values) {
    return tensorfile::TensorView{
        tensorfile::Dtype::kF32,
        std::move(shape),
        {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}};
  };
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::string checkpoint,
      tensorfile::SerializeStateDict({{"base_acc", view({1}, base)},
                                      {"layers.0.0.weight", view({kHidden, kColumns}, first)},
                                      {"layers.0.0.bias", view({kHidden}, bias)},
                                      {"layers.1.0.weight", view({kHidden, kHidden}, middle)},
                                      {"layers.1.0.bias", view({kHidden}, bias)},
                                      {"layers.2.weight", view({1, kHidden}, last)}},
                                     /*key=*/""));
  const std::string file = Path("resnet.pth");
  const std::string out = Path("resnet.predictor");
  ASSERT_THAT(WriteFileAtomically(file, checkpoint), IsOk());

  ASSERT_THAT(Run({"predictor", "import", file, "--encoding", "ofa_resnet", "--space",
                   "ofa_resnet50", "--out", out},
                  /*json=*/true),
              IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json imported, ParseJson(out_.str(), "out"));
  EXPECT_EQ(imported["encoding"], "ofa_resnet");
  EXPECT_EQ(imported["resolutions"], Json({128, 144, 160, 176, 192, 224, 240, 256}));

  ASSERT_THAT(Run({"predictor", "predict", out, "--subnet", "min"}, /*json=*/true), IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json predicted, ParseJson(out_.str(), "out"));
  // Of the columns 0; 8; 10, 13, …, 25; 28, 31, 40, 43, 52, 55, 58, 61, 70, 73.
  EXPECT_NEAR(predicted["predictions"][0]["top1_uncut"].get<double>(), 0.5 + 0.01 * 624, 1e-5);
  EXPECT_EQ(predicted["predictions"][0]["top1"], 1);

  ASSERT_THAT(Run({"predictor", "predict", out, "--subnet", "min"}), IsOk());
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("1.00000 *"), HasSubstr("* 1 prediction outside 0 to"),
                                Not(HasSubstr("6.74"))));

  EXPECT_THAT(Run({"predictor", "import", file, "--encoding", "ofa_resnet", "--space",
                   "ofa_resnet50", "--resolutions", "128,144,160,176,192,208,224,240,256", "--out",
                   Path("other.predictor")}),
              StatusIs(kInvalid, "the network has 82 inputs, encoding ofa_resnet has 83"));
  EXPECT_THAT(Run({"predictor", "import", file, "--encoding", "ofa_resnet", "--space", "kws",
                   "--out", Path("other.predictor")}),
              StatusIs(kInvalid, "encoding ofa_resnet does not fit space kws"));
}

TEST_F(PredictorCommandsTest, OtherSpaceIsRefused) {
  const std::string out = Path("for_kws.predictor");
  ASSERT_THAT(
      Run({"predictor", "train", "--scores", WriteScores(30), "--space", "kws", "--out", out}),
      IsOk());

  EXPECT_THAT(Run({"predictor", "predict", out, "--space", "cifar32", "--subnet", "max"}),
              StatusIs(kInvalid, "for space kws"));
}

TEST_F(PredictorCommandsTest, OtherNumberOfClassesIsSaid) {
  const std::string out = Path("for_words.predictor");
  const std::string words = Path("words.textproto");
  ASSERT_THAT(
      WriteFileAtomically(words, arch::CatalogueSpace("kws")->WithNumClasses(4).ToTextproto()),
      IsOk());
  ASSERT_THAT(
      Run({"predictor", "train", "--scores", WriteScores(30), "--space", words, "--out", out}),
      IsOk());

  EXPECT_THAT(Run({"predictor", "predict", out, "--space", "kws", "--subnet", "max"}), IsOk());
  EXPECT_THAT(err_.str(), HasSubstr("a predictor of networks for 4 classes, space kws has 12"));
  EXPECT_THAT(Run({"predictor", "predict", out, "--space", words, "--subnet", "max"}), IsOk());
}

// What would change nothing is not taken in silence.
TEST_F(PredictorCommandsTest, OptionsOfTheOtherKindAreRefused) {
  const std::string out = Path("never.predictor");
  const std::vector<std::string> train = {"predictor", "train", "--scores", WriteScores(40),
                                          "--space",   "kws",   "--out",    out};
  const auto expect = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), train.begin(), train.end());
    EXPECT_THAT(Run(std::move(arguments)), StatusIs(kInvalid, message));
    EXPECT_FALSE(FileExists(out));
  };

  expect({"--kind", "structured", "--steps", "20"}, "--steps is an option of --kind mlp");
  expect({"--steps", "0"}, "--steps is an option of --kind mlp; --kind structured has no such");
  expect({"--encoding", "one_hot"}, "--encoding is an option of --kind mlp");

  EXPECT_THAT(Run({"predictor", "train", "--job", "j", "--space", "kws", "--out", out}),
              StatusIs(kInvalid, "--space goes with --scores"));
  for (const std::string encoding : {"one_hot", "ofa_tutorial"}) {
    EXPECT_THAT(Run({"predictor", "import", "any.pth", "--encoding", encoding, "--space",
                     "ofa_mbv3_w10", "--resolutions", "128,160", "--out", out}),
                StatusIs(kInvalid, "--resolutions goes with --encoding ofa_mobilenet"));
  }
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
