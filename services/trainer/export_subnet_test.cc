#include "services/trainer/export_subnet.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"
#include "libs/interchange/ofa/export_network.h"
#include "libs/interchange/ofa/import_network.h"
#include "libs/interchange/ofa/net_config.h"
#include "libs/supernet/extract.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/scoring/images.h"
#include "libs/supernet/scoring/recalibrate.h"
#include "libs/train/checkpoint/checkpoint.h"

namespace niwaki::trainer {
namespace {

constexpr int kClasses = 3;
constexpr int64_t kImages = 24;

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

std::unique_ptr<data::PreparedData> MakeData(int64_t calibration_images) {
  data::SyntheticOptions options;
  options.classes = kClasses;
  options.height = options.width = 32;
  options.sizes = {kClasses, calibration_images, kClasses, kClasses};
  options.out = Path(absl::StrCat("data", calibration_images, ".nwd"));
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  return *data::PreparedData::Open(options.out);
}

// Logits of the largest network of a supernet file on the calibration images.
at::Tensor LogitsOfFile(const std::string& path, const at::Tensor& images) {
  const auto loaded = train::LoadSupernet(path);
  EXPECT_THAT(loaded, IsOk());
  const arch::SearchSpace& space = loaded->supernet->space();
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  supernet::ForwardOptions options;
  options.eps = space.batch_norm_eps();
  return Forward(graph, SliceWeights(loaded->supernet->weights(), graph), images, options);
}

class ExportSubnetTest : public ::testing::TestWithParam<const char*> {};

// Recalibrated in the supernet, written, read back: the same logits, bit for bit.
TEST_P(ExportSubnetTest, ComputesWhatTheSupernetComputes) {
  const arch::SearchSpace space = arch::CatalogueSpace(GetParam())->WithNumClasses(kClasses);
  const auto supernet = supernet::Supernet::Random(space, /*seed=*/11);
  const auto data = MakeData(kImages);
  Random random(5);
  arch::Subnet subnet = arch::SampleSubnet(space, random);
  subnet.genes[space.layout().resolution] = 0;
  ExportOptions options;
  options.folder = Path(absl::StrCat(GetParam(), ".ofa"));
  const std::string file = options.folder + ".safetensors";

  ASSERT_THAT(ExportSubnet(*supernet, subnet, *data, options), IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile(absl::StrCat(options.folder, "/", interchange::kNetConfigFile)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const interchange::NetConfig config,
                              interchange::ReadNetConfig(text, {}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto facts,
                              interchange::DescribeData(config.space, {}, "half"));
  ASSERT_THAT(
      interchange::ImportNetwork(absl::StrCat(options.folder, "/", interchange::kStateDictFile),
                                 config.space, config.blocks, facts, file),
      IsOk());

  c10::InferenceMode no_gradients;
  const arch::Graph graph = arch::BuildGraph(space, subnet);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const supernet::LabelledImages images,
                              supernet::LoadFirstImages(*data, data::Split::kCalibration, 0,
                                                        arch::ResolutionOf(space, subnet)));
  const std::vector<at::Tensor> batches = {images.images};
  const auto sliced = SliceWeights(supernet->weights(), graph);
  const auto statistics =
      supernet::RecalibrateBatchNorm(graph, sliced, batches, space.batch_norm_eps());
  supernet::ForwardOptions forward;
  forward.eps = space.batch_norm_eps();
  const at::Tensor expected =
      Forward(graph, supernet::WithStatistics(sliced, statistics), images.images, forward);
  EXPECT_TRUE(at::equal(LogitsOfFile(file, images.images), expected));
  EXPECT_GT(expected.std().item<float>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Spaces, ExportSubnetTest, ::testing::Values("cifar32", "mcunet"));

TEST(ExportSubnetErrorTest, DataMustFitAndHoldCalibrationImages) {
  const arch::SearchSpace space = arch::CatalogueSpace("cifar32")->WithNumClasses(kClasses);
  const auto supernet = supernet::Supernet::Random(space, /*seed=*/1);
  const auto other = supernet::Supernet::Random(space.WithNumClasses(kClasses + 1), /*seed=*/1);
  ExportOptions options;
  options.folder = Path("none");

  EXPECT_THAT(ExportSubnet(*other, arch::MaxSubnet(space), *MakeData(kImages), options),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(ExportSubnet(*supernet, arch::MaxSubnet(space), *MakeData(0), options),
              StatusIs(absl::StatusCode::kFailedPrecondition, "calibration split is empty"));
  EXPECT_THAT(ExportSubnet(*supernet, arch::Subnet(), *MakeData(kImages), options),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
}

}  // namespace
}  // namespace niwaki::trainer
