// niwaki search, as a whole command.

#include <signal.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/mlp/mlp.h"
#include "libs/predictor/mlp/mlp_predictor.h"
#include "libs/predictor/predictor_file.h"
#include "services/cli/cli_app_fixture.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The file of a predictor for the MobileNetV3 space: a hundredth for every one of its input.
std::string CountingPredictor() {
  const arch::SearchSpace space = *arch::CatalogueSpace("ofa_mbv3_w12");
  auto encoder = predictor::Encoder::Create(predictor::Encoding::kOfaTutorial, space);
  auto mlp = predictor::Mlp::Create(
      {{128, 1, std::vector<float>(128, 1.0f), {0.0f}}, {1, 1, {0.01f}, {}}});
  EXPECT_THAT(encoder.status(), IsOk());
  EXPECT_THAT(mlp.status(), IsOk());
  const auto made = predictor::MlpPredictor::Create(*std::move(encoder), *std::move(mlp));
  EXPECT_THAT(made.status(), IsOk());
  predictor::PredictorInfo info;
  predictor::Describe(space, **made, info);
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/counting.predictor");
  EXPECT_THAT(predictor::WritePredictor(path, info, **made), IsOk());
  return path;
}

TEST_F(CliAppTest, SearchesWithAPredictor) {
  const std::string predictor = CountingPredictor();
  const std::vector<std::string> search = {
      "search", "--space",       "ofa_mbv3_w12", "--predictor",  predictor, "--max-macs",
      "250M",   "--evaluations", "300",          "--population", "20"};
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), search.begin(), search.end());
    return Run(more);
  };

  EXPECT_EQ(run({"--objectives", "top1", "--output", "json"}), 0) << err_.str();
  const Json best = OutJson();
  EXPECT_EQ(best["evaluated"], 300);
  ASSERT_EQ(best["front"].size(), 1);
  EXPECT_LE(best["front"][0]["macs"].get<double>(), 250e6);
  EXPECT_GT(best["front"][0]["top1"].get<double>(), 0.21);
  EXPECT_EQ(best["front"][0]["subnet"]["ks"].size(), 20);
  EXPECT_EQ(run({"--objectives", "top1", "--output", "json"}), 0);
  EXPECT_EQ(OutJson(), best);

  const std::string svg = absl::StrCat(std::getenv("TEST_TMPDIR"), "/front.svg");
  EXPECT_EQ(run({"--format", "csv", "--svg", svg}), 0) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("slot,top1,macs,subnet_id,subnet\r\n"));
  EXPECT_THAT(ReadFile(svg, 1 << 20), IsOkAndHolds(HasSubstr("250.00 M")));
  EXPECT_EQ(run({"--resolutions", "160", "--algorithm", "predictor_nsga2"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("300 networks judged"));
}

TEST_F(CliAppTest, InterruptedSearchShowsWhatWasFound) {
  const std::string predictor = CountingPredictor();
  std::thread interrupter([] {
    absl::SleepFor(absl::Milliseconds(300));
    kill(getpid(), SIGINT);
  });

  EXPECT_EQ(Run({"search", "--space", "ofa_mbv3_w12", "--predictor", predictor, "--evaluations",
                 "10000000"}),
            130);
  interrupter.join();
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("SLOT"), HasSubstr("on the front"), HasSubstr("; interrupted")));
}

TEST_F(CliAppTest, SearchRefusesWhatCannotBe) {
  const std::string predictor = CountingPredictor();
  const auto run = [&](std::vector<std::string> more) {
    const std::vector<std::string> search = {"search", "--space", "ofa_mbv3_w12", "--predictor",
                                             predictor};
    more.insert(more.begin(), search.begin(), search.end());
    return Run(more);
  };

  EXPECT_EQ(run({"--max-macs", "1M"}), 6);
  EXPECT_THAT(err_.str(), HasSubstr("the nearest one has MACs 65.5369 M over 1 M"));
  EXPECT_EQ(run({"--max-macs", "-1M"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--max-macs '-1M' is not a quantity above 0"));
  EXPECT_EQ(run({"--max-latency", "25ms"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("latency needs --lut or --device"));
  EXPECT_EQ(run({"--objectives", "top1,beauty"}), 2);
  EXPECT_EQ(run({"--resolutions", "161"}), 2);
  EXPECT_EQ(run({"--device", "z80"}), 3);
  EXPECT_EQ(Run({"search", "--space", "kws", "--predictor", predictor}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("ofa_mbv3_w12"));
  EXPECT_EQ(Run({"search", "--space", "kws", "--predictor", "/nowhere.predictor"}), 3);
}

}  // namespace
}  // namespace niwaki::cli
