#include "libs/predictor/predictor_training.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

constexpr int kRows = 60;
constexpr uint64_t kSeed = 3;

class PredictorTrainingTest : public ::testing::Test {
 protected:
  PredictorTrainingTest() {
    Random random(kSeed);
    for (int i = 0; i < kRows; ++i) {
      table_.subnets.push_back(arch::SampleSubnet(space_, random));
      const double macs = arch::CountMacs(arch::BuildGraph(space_, table_.subnets.back()));
      table_.top1.push_back(0.9 - 2e5 / macs);
    }
  }

  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
  const std::string path_ = ::testing::TempDir() + "/predictor_training_test.predictor";
  ScoreTable table_;
};

TEST_F(PredictorTrainingTest, FileHoldsWhatWasReturned) {
  PredictorTraining training;
  training.source = "sixty networks";
  int told = 0;
  training.progress = [&](int done, int) { told = done; };

  NIWAKI_ASSERT_OK_AND_ASSIGN(const PredictorInfo info,
                              TrainToFile(space_, table_, training, path_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const StoredPredictor stored, ReadPredictor(path_, space_));

  EXPECT_EQ(stored.info.kind, "structured");
  EXPECT_EQ(stored.info.source, "sixty networks");
  EXPECT_EQ(stored.info.scores, kRows);
  EXPECT_EQ(stored.info.scores_sha256, table_.Digest(space_));
  ASSERT_TRUE(info.held_out.has_value());
  EXPECT_EQ(stored.info.held_out->kendall, info.held_out->kendall);
  // Five parts and the whole.
  EXPECT_EQ(told, 6);
  // Accuracy follows the arithmetic: the corners are told apart.
  const std::vector<arch::Subnet> corners = {arch::MinSubnet(space_), arch::MaxSubnet(space_)};
  std::vector<double> top1(2);
  stored.predictor->Predict(corners, absl::MakeSpan(top1));
  EXPECT_LT(top1[0], top1[1]);
}

TEST_F(PredictorTrainingTest, FeedForwardNetworkIsTrainedForItsSteps) {
  PredictorTraining training;
  training.kind = kMlpKind;
  training.steps = 4;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const PredictorInfo info,
                              TrainToFile(space_, table_, training, path_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const PredictorInfo stored, ReadPredictorInfo(path_));

  EXPECT_EQ(info.kind, "mlp");
  EXPECT_EQ(stored.encoding, "one_hot");
  EXPECT_EQ(stored.scores, kRows);
}

TEST_F(PredictorTrainingTest, UnknownKindAndEncodingWriteNothing) {
  const std::string path = ::testing::TempDir() + "/never_written.predictor";
  PredictorTraining other;
  other.kind = "forest";
  PredictorTraining strange;
  strange.kind = kMlpKind;
  strange.encoding = "morse";

  EXPECT_THAT(
      TrainToFile(space_, table_, other, path),
      StatusIs(absl::StatusCode::kInvalidArgument, "kind is forest; it must be structured or mlp"));
  EXPECT_THAT(TrainToFile(space_, table_, strange, path),
              StatusIs(absl::StatusCode::kInvalidArgument, "morse"));
  EXPECT_FALSE(FileExists(path));
}

}  // namespace
}  // namespace niwaki::predictor
