#include "services/worker/torch_scorer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/clock.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"
#include "libs/int8/quantise_subnet.h"
#include "libs/int8/score_int8.h"
#include "libs/jobs/precision.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/supernet/supernet.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/checkpoint/manifest.h"
#include "services/trainer/run.h"

namespace niwaki::worker {
namespace {

// Untrained weights of `kws` and synthetic data of the same shape, as files.
class TorchScorerTest : public ::testing::Test {
 protected:
  TorchScorerTest() : space_(*arch::CatalogueSpace("kws")) {
    context_.supernet_path = absl::StrCat(::testing::TempDir(), "/supernet.safetensors");
    context_.supernet_digest = "digest";
    context_.data_path = MakeData("fitting", space_.num_classes());
    context_.evaluation.set_calibration_images(32);
    context_.evaluation.set_evaluation_images(40);
    SaveSupernet();
  }

  void SaveSupernet() {
    const auto supernet = supernet::Supernet::Random(space_, /*seed=*/7);
    const auto data = data::PreparedData::Open(context_.data_path);
    ASSERT_THAT(data, IsOk());
    train::Manifest manifest;
    manifest.data = (*data)->metadata();
    EXPECT_THAT(train::SaveSupernet(context_.supernet_path, *supernet, manifest), IsOk());
  }

  std::string MakeData(const std::string& name, int classes, int64_t test = 16) {
    data::SyntheticOptions options;
    options.classes = classes;
    options.channels = 1;
    options.height = 49;
    options.width = 40;
    options.sizes = {16, 40, 50, test};
    options.out = absl::StrCat(::testing::TempDir(), "/", name, ".nwd");
    EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
    return options.out;
  }

  // The data of `path` with its classes in the reverse order, the first of them renamed.
  std::string Reverse(const std::string& path, const std::string& name,
                      const std::string& first_name) {
    const auto data = data::PreparedData::Open(path);
    EXPECT_THAT(data, IsOk());
    data::Metadata metadata = (*data)->metadata();
    std::vector<std::string>& names = metadata.class_names;
    std::reverse(names.begin(), names.end());
    names.front() = first_name;
    std::array<data::SplitColumns, data::kSplitCount> columns;
    std::array<data::SplitView, data::kSplitCount> views;
    for (int s = 0; s < data::kSplitCount; ++s) {
      const data::SplitView& view = (*data)->view(static_cast<data::Split>(s));
      for (const uint16_t label : view.labels) {
        columns[s].labels.push_back(static_cast<uint16_t>(names.size() - 1 - label));
      }
      views[s] = {view.examples, columns[s].labels, view.groups};
    }
    const std::string out = absl::StrCat(::testing::TempDir(), "/", name, ".nwd");
    EXPECT_THAT(data::WritePrepared(out, metadata, views), IsOk());
    return out;
  }

  std::unique_ptr<TorchScorer> Make(int threads) {
    auto scorer = TorchScorer::Create("cpu", threads);
    EXPECT_THAT(scorer, IsOk());
    return *std::move(scorer);
  }

  const arch::SearchSpace space_;
  ScoreContext context_;
};

TEST_F(TorchScorerTest, ScoreIsTheSameInEveryWorker) {
  const std::string smallest = arch::ToJson(space_, arch::MinSubnet(space_));
  const std::string largest = arch::ToJson(space_, arch::MaxSubnet(space_));
  const auto first = Make(/*threads=*/1);
  const auto second = Make(/*threads=*/2);
  NIWAKI_ASSERT_OK(first->Prepare(context_));
  NIWAKI_ASSERT_OK(second->Prepare(context_));
  NIWAKI_ASSERT_OK(second->Score(largest));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score a, first->Score(smallest));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score b, second->Score(smallest));

  EXPECT_EQ(a.top1(), b.top1());
  EXPECT_EQ(a.top5(), b.top5());
  EXPECT_EQ(a.loss(), b.loss());
  EXPECT_EQ(a.images(), 40);
  EXPECT_GT(a.loss(), 0);
  EXPECT_GT(a.seconds(), 0);
}

TEST_F(TorchScorerTest, OtherEvaluationNeedsNoOtherFiles) {
  const std::string subnet = arch::ToJson(space_, arch::MinSubnet(space_));
  const auto scorer = Make(1);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));
  context_.evaluation.set_evaluation_images(20);

  NIWAKI_ASSERT_OK(scorer->Prepare(context_));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score score, scorer->Score(subnet));
  EXPECT_EQ(score.images(), 20);
}

TEST_F(TorchScorerTest, SplitOfTheLeaseIsScored) {
  const arch::Subnet smallest = arch::MinSubnet(space_);
  const auto scorer = Make(1);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score validation,
                              scorer->Score(arch::ToJson(space_, smallest)));
  context_.evaluation.set_split(v1::SPLIT_TEST);
  context_.evaluation.set_evaluation_images(0);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score test, scorer->Score(arch::ToJson(space_, smallest)));

  // All 16 images of the test split, as the scorer gives by itself.
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto supernet, train::LoadSupernet(context_.supernet_path));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, data::PreparedData::Open(context_.data_path));
  supernet::ScoreOptions options;
  options.calibration_images = 32;
  options.split = data::Split::kTest;
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto direct, supernet::Scorer::Create(supernet.supernet.get(), data.get(), options));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const supernet::Score expected, direct->ScoreSubnet(smallest));
  EXPECT_EQ(test.images(), 16);
  EXPECT_EQ(test.loss(), expected.loss);
  EXPECT_EQ(test.top1(), expected.top1);
  EXPECT_NE(test.loss(), validation.loss());
}

TEST_F(TorchScorerTest, ProofIsWhatTheTrainerQuantises) {
  const std::string subnet = arch::ToJson(space_, arch::MaxSubnet(space_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(context_.supernet_digest, Sha256HexOfFile(context_.supernet_path));
  context_.task = v1::LEASE_TASK_PROVE;
  const std::string out = absl::StrCat(::testing::TempDir(), "/largest.tflite");
  const std::string record = absl::StrCat(::testing::TempDir(), "/largest.json");
  const std::vector<const char*> arguments = {"niwaki-train",
                                              "quantise",
                                              "--supernet",
                                              context_.supernet_path.c_str(),
                                              "--data",
                                              context_.data_path.c_str(),
                                              "--subnet",
                                              "largest",
                                              "--calibration-images",
                                              "32",
                                              "--out",
                                              out.c_str(),
                                              "--record",
                                              record.c_str()};
  ASSERT_EQ(trainer::Run(static_cast<int>(arguments.size()), arguments.data(), Clock::Real()), 0);
  const auto one = Make(/*threads=*/1);
  const auto two = Make(/*threads=*/2);
  NIWAKI_ASSERT_OK(one->Prepare(context_));
  NIWAKI_ASSERT_OK(two->Prepare(context_));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProvenNetwork a, one->Prove(subnet));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProvenNetwork b, two->Prove(subnet));

  EXPECT_TRUE(a.file == *ReadFile(out));
  EXPECT_TRUE(a.file == b.file);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(*ReadFile(record), "record"));
  EXPECT_EQ(a.quantise_key, json["key"].get<std::string>());
  EXPECT_EQ(a.quantise_key, b.quantise_key);
  EXPECT_EQ(json["quantiser"]["version"], one->quantiser_version());
}

TEST_F(TorchScorerTest, ProofHasScoresOfTheKernelsOnBothSplits) {
  const arch::Subnet subnet = arch::MinSubnet(space_);
  context_.task = v1::LEASE_TASK_PROVE;
  const auto scorer = Make(2);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProvenNetwork proof,
                              scorer->Prove(arch::ToJson(space_, subnet)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto supernet, train::LoadSupernet(context_.supernet_path));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, data::PreparedData::Open(context_.data_path));
  int8::QuantiseSubnetOptions options;
  options.calibration_images = 32;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const int8::QuantisedSubnet quantised,
                              int8::QuantiseSubnet(*supernet.supernet, subnet, *data, options));
  const auto top1 = [&](data::Split split, int64_t images) {
    return int8::ScoreInt8(quantised.network, *data, split, images, {})->top1;
  };
  EXPECT_EQ(proof.score.images(), 40);
  EXPECT_EQ(proof.score.top1(), top1(data::Split::kValidation, 40));
  EXPECT_EQ(proof.score.loss(), 0);
  EXPECT_GT(proof.score.seconds(), 0);
  ASSERT_TRUE(proof.test_score.has_value());
  EXPECT_EQ(proof.test_score->images(), 16);
  EXPECT_EQ(proof.test_score->top1(), top1(data::Split::kTest, 0));
}

TEST_F(TorchScorerTest, DataWithoutATestSplitProvesOnTheOther) {
  context_.task = v1::LEASE_TASK_PROVE;
  context_.data_path = MakeData("untested", space_.num_classes(), /*test=*/0);
  const auto scorer = Make(1);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProvenNetwork proof,
                              scorer->Prove(arch::ToJson(space_, arch::MinSubnet(space_))));

  EXPECT_EQ(proof.score.images(), 40);
  EXPECT_FALSE(proof.test_score.has_value());
}

TEST_F(TorchScorerTest, SubnetOutsideTheSpaceIsNotProven) {
  context_.task = v1::LEASE_TASK_PROVE;
  const auto scorer = Make(1);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));

  EXPECT_THAT(scorer->Prove(R"({"ks":[9]})"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
}

TEST_F(TorchScorerTest, SubnetOutsideTheSpaceIsRefused) {
  const auto scorer = Make(1);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));

  EXPECT_THAT(scorer->Score(R"({"ks":[9]})"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
}

TEST_F(TorchScorerTest, WrongFilesAreRefused) {
  const auto scorer = Make(1);
  ScoreContext wrong = context_;
  wrong.data_path = MakeData("other_classes", space_.num_classes() + 1);
  EXPECT_THAT(scorer->Prepare(wrong),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  wrong = context_;
  wrong.supernet_path = absl::StrCat(::testing::TempDir(), "/damaged");
  NIWAKI_ASSERT_OK(WriteFileAtomically(wrong.supernet_path, "not a supernet"));
  EXPECT_THAT(scorer->Prepare(wrong), StatusIs(absl::StatusCode::kDataLoss, ""));
  // What is right works after what was wrong.
  EXPECT_THAT(scorer->Prepare(context_), IsOk());
}

TEST_F(TorchScorerTest, ClassesInAnotherOrderScoreTheSame) {
  const std::string subnet = arch::ToJson(space_, arch::MinSubnet(space_));
  const auto scorer = Make(1);
  NIWAKI_ASSERT_OK(scorer->Prepare(context_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score ordered, scorer->Score(subnet));
  ScoreContext reversed = context_;
  reversed.data_path = Reverse(context_.data_path, "reversed", /*first_name=*/"class11");

  NIWAKI_ASSERT_OK(scorer->Prepare(reversed));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score score, scorer->Score(subnet));
  EXPECT_EQ(score.top1(), ordered.top1());
  EXPECT_EQ(score.loss(), ordered.loss());
}

TEST_F(TorchScorerTest, OtherClassNamesAreRefused) {
  const auto scorer = Make(1);
  ScoreContext other = context_;
  other.data_path = Reverse(context_.data_path, "other_names", /*first_name=*/"dog");

  const absl::Status status = scorer->Prepare(other);

  EXPECT_THAT(status, HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "'dog' is none"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "'class11' is not there"));
  EXPECT_THAT(scorer->Prepare(context_), IsOk());
}

TEST_F(TorchScorerTest, PrecisionIsOneThatJobsKnow) {
  EXPECT_EQ(Make(1)->precision(), jobs::kCpuF32);
  EXPECT_EQ(supernet::PrecisionOf("cuda"), jobs::kCudaBf16);
}

TEST_F(TorchScorerTest, UnknownDeviceIsRefused) {
  EXPECT_THAT(TorchScorer::Create("tpu", 1), StatusIs(absl::StatusCode::kInvalidArgument, "tpu"));
}

}  // namespace
}  // namespace niwaki::worker
