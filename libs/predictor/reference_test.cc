// Encodings and the published predictor against those of the reference implementation. The figures
// lie in the folder that NIWAKI_SHARED names, under ofa.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/mlp/import_mlp.h"
#include "libs/predictor/mlp/mlp_predictor.h"
#include "libs/predictor/predictor_benchmark.h"
#include "libs/predictor/score_table.h"

namespace niwaki::predictor {
namespace {

// Path of a reference file; fails the test when the folder is unknown.
std::string ReferencePath(const std::string& name) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  if (shared == nullptr) {
    ADD_FAILURE() << "NIWAKI_SHARED is not set: it must name the folder that holds ofa/vectors "
                     "(bazel test --test_env=NIWAKI_SHARED=...)";
    return name;
  }
  return absl::StrCat(shared, "/ofa/", name);
}

Json ReadFigures(const std::string& name) {
  const auto text = ReadFile(ReferencePath(name));
  if (!text.ok()) {
    ADD_FAILURE() << text.status().ToString();
    return Json::array();
  }
  auto json = ParseJson(*text, name);
  if (!json.ok()) {
    ADD_FAILURE() << json.status().ToString();
    return Json::array();
  }
  return *std::move(json);
}

// `space` with only the given input sizes.
arch::SearchSpace WithSizes(const std::string& name, const std::vector<int>& sizes) {
  std::string text = arch::CatalogueSpace(name)->ToTextproto();
  for (size_t at; (at = text.find("\nresolutions")) != std::string::npos;) {
    text.erase(at, text.find("\n}", at) + 2 - at);
  }
  for (const int size : sizes) absl::StrAppend(&text, "\nresolutions { value: ", size, " }");
  auto space = arch::SearchSpace::FromTextproto(text);
  EXPECT_TRUE(space.ok()) << space.status().ToString();
  return *std::move(space);
}

std::vector<int> Ones(const Encoder& encoder, const arch::Subnet& subnet) {
  SparseRows rows;
  encoder.Append(subnet, rows);
  return std::vector<int>(rows.columns.begin(), rows.columns.end());
}

// `columns`: the input sizes of the encoding, the space's when empty.
void ExpectEncodingsMatch(const std::string& file, const std::string& name, Encoding encoding,
                          const std::string& field, size_t count,
                          const std::vector<int>& columns = {}) {
  const Json figures = ReadFigures(absl::StrCat("vectors/", file));
  ASSERT_TRUE(figures.contains("subnets"));
  size_t compared = 0;
  for (const Json& figure : figures["subnets"]) {
    std::vector<int> sizes;
    for (const auto& ones : figure[field].items()) sizes.push_back(std::stoi(ones.key()));
    const arch::SearchSpace space = WithSizes(name, sizes);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder, Encoder::Create(encoding, space, columns));
    if (encoding != Encoding::kOfaTutorial) {
      EXPECT_EQ(encoder.columns(), figure["arch_feature_dim"].get<int>());
    }
    for (const auto& ones : figure[field].items()) {
      Json arch = figure["arch"];
      // The last stage of the ProxylessNAS space has one block whatever is said.
      if (arch["d"].size() == 6) arch["d"][5] = 1;
      arch["r"] = std::stoi(ones.key());
      NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::Subnet subnet,
                                  arch::SubnetFromJson(space, arch.dump()));
      EXPECT_EQ(Ones(encoder, subnet), ones.value().get<std::vector<int>>()) << arch.dump();
      ++compared;
    }
  }
  EXPECT_EQ(compared, count);
}

TEST(PredictorReferenceTest, MobileNetV3EncodingMatches) {
  ExpectEncodingsMatch("mbv3_w035.json", "ofa_mbv3_w10", Encoding::kOfaMobileNet,
                       "arch_feature_ones", 80);
}

TEST(PredictorReferenceTest, ProxylessEncodingMatches) {
  ExpectEncodingsMatch("proxyless_w035.json", "ofa_proxyless_w13", Encoding::kOfaMobileNet,
                       "arch_feature_ones", 80);
}

TEST(PredictorReferenceTest, TutorialEncodingMatches) {
  ExpectEncodingsMatch("mbv3_w035.json", "ofa_mbv3_w10", Encoding::kOfaTutorial,
                       "tutorial_feature_ones", 120);
}

TEST(PredictorReferenceTest, ResNetEncodingMatches) {
  ExpectEncodingsMatch("resnet50.json", "ofa_resnet50", Encoding::kOfaResNet, "arch_feature_ones",
                       12, {128, 144, 160, 176, 192, 224, 240, 256});
}

TEST(PredictorReferenceTest, PublishedPredictorMatches) {
  // Of a share; the reference adds the same float32 numbers in another order.
  constexpr double kTolerance = 1e-6;
  const Json figures = ReadFigures("vectors/tutorial_predictor_200.json");
  ASSERT_EQ(figures.size(), 200);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      ImportedMlp imported,
      ImportMlp(ReferencePath("predictors/ofa_tutorial_acc_predictor.index.json")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder,
                              Encoder::Create(Encoding::kOfaTutorial, space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto predictor,
      MlpPredictor::Create(encoder, std::move(imported.mlp), imported.offset));
  std::vector<arch::Subnet> subnets;
  for (const Json& figure : figures) {
    const Json arch = {
        {"ks", figure["ks"]}, {"e", figure["e"]}, {"d", figure["d"]}, {"r", figure["r"]}};
    NIWAKI_ASSERT_OK_AND_ASSIGN(arch::Subnet subnet, arch::SubnetFromJson(space, arch.dump()));
    EXPECT_EQ(Ones(encoder, subnet), figure["feature_ones"].get<std::vector<int>>());
    subnets.push_back(std::move(subnet));
  }
  std::vector<double> top1(subnets.size());

  predictor->Predict(subnets, absl::MakeSpan(top1));

  for (size_t i = 0; i < subnets.size(); ++i) {
    EXPECT_NEAR(top1[i], figures[i]["predicted_top1_f64"].get<double>(), kTolerance) << i;
  }
}

// Trained on four fifths of 2,610 measured networks.
TEST(PredictorReferenceTest, OrdersMeasuredNetworks) {
  constexpr int kSplits = 5;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const ScoreTable table,
      ReadScores(space, ReferencePath("acc_tables/moofa_MIT_OFA_imagenet.csv")));
  ASSERT_EQ(table.rows(), 2610);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SplitFigures figures, MeasureSplits(space, table, kSplits));

  RecordProperty("kendall", absl::StrCat(figures.kendall));
  std::printf("kendall %.4f (least %.4f) rmse %.5f, linear %.4f %.5f, %.2f s\n", figures.kendall,
              figures.least_kendall, figures.rmse, figures.linear_kendall, figures.linear_rmse,
              figures.training_seconds);
  std::printf(
      "within one input size %.4f, linear %.4f; MACs %.4f within %.4f; parameters %.4f %.4f\n",
      figures.within, figures.linear_within, figures.macs.kendall, *figures.macs.kendall_within,
      figures.parameters.kendall, *figures.parameters.kendall_within);
  EXPECT_GE(figures.kendall, 0.905);
  EXPECT_GE(figures.within, 0.75);
  EXPECT_GT(figures.within, figures.linear_within);
  EXPECT_GT(figures.kendall, figures.macs.kendall);
  EXPECT_GT(figures.within, *figures.macs.kendall_within);
  EXPECT_GT(figures.within, *figures.parameters.kendall_within);
  EXPECT_GT(figures.kendall, figures.linear_kendall);
  EXPECT_LT(figures.rmse, figures.linear_rmse);
}

// A published table of measured networks, and what predictors of it reach with few and with many
// scores, 522 networks held out.
struct SizesCase {
  std::string file;
  std::string expand_ratios;
  int draws = 0;
  // The least Kendall's tau by the number of scores: of all pairs, of those of one input size, and
  // of those of one session. The scores of a table lie in sessions that are up to 0.7 points apart;
  // no predictor of networks can know in which one was measured, so the second figure has a ceiling
  // (0.765 on the first table for a predictor that has seen every network), the third has not.
  std::map<int, std::array<double, 3>> least;
};

void PrintTo(const SizesCase& one, std::ostream* out) { *out << one.file; }

class PredictorSizesTest : public ::testing::TestWithParam<SizesCase> {};

TEST_P(PredictorSizesTest, MoreScoresAreBetterAndLinearIsWorse) {
  constexpr int kHeld = 522;
  // Of the mean of the draws.
  constexpr double kNoise = 0.004;
  std::string text = arch::CatalogueSpace("ofa_mbv3_w10")->ToTextproto();
  text = absl::StrReplaceAll(text, {{"expand_ratios: 3\n", GetParam().expand_ratios},
                                    {"expand_ratios: [3, 4, 6]", GetParam().expand_ratios}});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::SearchSpace::FromTextproto(text));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ScoreTable table,
                              ReadScores(space, ReferencePath("acc_tables/" + GetParam().file)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<SizeFigures> sizes,
                              MeasureSizes(space, table, kHeld, GetParam().draws,
                                           {30, 50, 100, 150, 200, 250, 500, 1000, 2000}));

  for (size_t i = 0; i < sizes.size(); ++i) {
    const SizeFigures& own = sizes[i];
    SCOPED_TRACE(own.scores);
    std::printf("%s %4d scores: kendall %.4f within %.4f session %.4f, linear %.4f %.4f, %.2f s\n",
                GetParam().file.c_str(), own.scores, own.kendall, own.within, own.session,
                own.linear_kendall, own.linear_within, own.seconds);
    EXPECT_GT(own.kendall, own.linear_kendall);
    EXPECT_GT(own.within, own.linear_within);
    if (i > 0) {
      EXPECT_GT(own.kendall, sizes[i - 1].kendall - kNoise);
      EXPECT_GT(own.within, sizes[i - 1].within - kNoise);
    }
    const auto least = GetParam().least.find(own.scores);
    if (least == GetParam().least.end()) continue;
    EXPECT_GE(own.kendall, least->second[0]);
    EXPECT_GE(own.within, least->second[1]);
    EXPECT_GE(own.session, least->second[2]);
  }
}

// The second table has 2,080 networks, so 1,558 is its last size.
INSTANTIATE_TEST_SUITE_P(
    Tables, PredictorSizesTest,
    ::testing::Values(SizesCase{"moofa_MIT_OFA_imagenet.csv",
                                "expand_ratios: [3, 4, 6]",
                                6,
                                {{100, {0.87, 0.69, 0.77}}, {2000, {0.90, 0.745, 0.845}}}},
                      SizesCase{"moofa_CompOFA_imagenet.csv",
                                "expand_ratios: [3, 4, 6]",
                                3,
                                {{100, {0.87, 0.78, 0.78}}, {1558, {0.90, 0.81, 0.86}}}},
                      SizesCase{"moofa_MC_OFA_imagenet.csv",
                                "expand_ratios: [2, 3, 4, 6]",
                                3,
                                {{100, {0.92, 0.82, 0.82}}, {2000, {0.95, 0.88, 0.89}}}}));

}  // namespace
}  // namespace niwaki::predictor
