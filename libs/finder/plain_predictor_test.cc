#include "libs/finder/plain_predictor.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/finder/predictor_scores.h"

namespace niwaki::finder {
namespace {

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr int kColumns = 128;

// 128 → 2 → 1: the first hidden unit counts the ones, the second is -1 before the ReLU.
constexpr char kIndex[] = R"({"tensors": [
  {"name": "0.weight", "offset": 0, "shape": [2, 128], "dtype": "float32"},
  {"name": "0.bias", "offset": 1024, "shape": [2], "dtype": "float32"},
  {"name": "2.weight", "offset": 1032, "shape": [1, 2], "dtype": "float32"},
  {"name": "2.bias", "offset": 1040, "shape": [1], "dtype": "float32"}]})";

class PlainPredictorTest : public ::testing::Test {
 protected:
  PlainPredictorTest()
      : space_(*arch::WithResolutions(*arch::CatalogueSpace("ofa_mbv3_w12"), {160, 224})) {}

  void Write(const std::string& index, size_t floats = 261) {
    std::vector<float> values(kColumns, 1.0f);
    values.resize(2 * kColumns, 0.0f);
    for (const float value : {0.0f, -1.0f, 0.01f, 5.0f, 0.25f}) values.push_back(value);
    values.resize(floats);
    const std::string data(reinterpret_cast<const char*>(values.data()),
                           values.size() * sizeof(float));
    path_ = absl::StrCat(::testing::TempDir(), "/p.index.json");
    NIWAKI_ASSERT_OK(WriteFileAtomically(path_, index));
    NIWAKI_ASSERT_OK(WriteFileAtomically(absl::StrCat(::testing::TempDir(), "/p.bin"), data));
  }

  auto Load(const arch::SearchSpace& space) {
    return LoadPlainPredictor(path_, predictor::Encoding::kOfaTutorial, space);
  }

  const arch::SearchSpace space_;
  std::string path_;
};

TEST_F(PlainPredictorTest, LayersAreReadInOrder) {
  Write(kIndex);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto predictor, Load(space_));
  const std::vector<arch::Subnet> subnets = {arch::MinSubnet(space_), arch::MaxSubnet(space_)};
  std::vector<search::Metrics> metrics(2);

  NIWAKI_ASSERT_OK(PredictorScores(predictor)(subnets, absl::MakeSpan(metrics)));

  // Two ones for each active block and one for the resolution.
  EXPECT_NEAR(*metrics[0].top1, 0.25 + 0.01 * 21, 1e-6);
  EXPECT_NEAR(*metrics[1].top1, 0.25 + 0.01 * 41, 1e-6);
}

TEST_F(PlainPredictorTest, RefusesAnotherEncoding) {
  Write(kIndex);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto kws, arch::CatalogueSpace("kws"));
  EXPECT_EQ(Load(kws).status().code(), kInvalid);
}

TEST_F(PlainPredictorTest, RefusesDamagedFiles) {
  Write(kIndex, /*floats=*/200);
  EXPECT_THAT(Load(space_), HasReason(kInvalid, reason::kFileMalformed));
  Write("{}");
  EXPECT_THAT(Load(space_), HasReason(kInvalid, reason::kFileMalformed));
  Write(R"({"tensors": [{"name": "a", "offset": 0, "shape": [1], "dtype": "float32"}]})");
  EXPECT_THAT(Load(space_), HasReason(kInvalid, reason::kFileMalformed));
  Write(R"({"tensors": [{"name": "0.bias", "offset": -4, "shape": [1], "dtype": "float32"}]})");
  EXPECT_THAT(Load(space_), HasReason(kInvalid, reason::kFileMalformed));
  Write(R"({"tensors": [{"name": "0.bias", "offset": 0, "shape": [1], "dtype": "int8"}]})");
  EXPECT_THAT(Load(space_), HasReason(kInvalid, reason::kFileMalformed));
  path_ = "/nowhere/p.index.json";
  EXPECT_EQ(Load(space_).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace niwaki::finder
