#include "libs/int8/float_subnet.h"

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"
#include "libs/engine/floats/float_runner.h"
#include "libs/engine/floats/recalibrate_batch_norm.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/scoring/images.h"
#include "libs/supernet/scoring/recalibrate.h"
#include "libs/supernet/weights.h"

namespace niwaki::int8 {
namespace {

constexpr int kClasses = 3;
constexpr int64_t kImages = 6;

std::unique_ptr<data::PreparedData> MakeData() {
  data::SyntheticOptions options;
  options.classes = kClasses;
  options.height = options.width = 32;
  options.sizes = {kClasses, kImages, kClasses, kClasses};
  options.out = ::testing::TempDir() + "/float_subnet.nwd";
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  return *data::PreparedData::Open(options.out);
}

class FloatSubnetTest : public ::testing::TestWithParam<const char*> {};

// Slices, kernel matrices, recalibrated statistics and operators are those of the supernet, up to
// rounding.
TEST_P(FloatSubnetTest, ComputesWhatTheSupernetComputes) {
  const arch::SearchSpace space = arch::CatalogueSpace(GetParam())->WithNumClasses(kClasses);
  const auto supernet = supernet::Supernet::Random(space, /*seed=*/11);
  // Matrices that are not the identity.
  supernet->weights().ForEach([](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
    if (name.find("_matrix") == std::string::npos) return;
    tensor = tensor + 0.01 * at::arange(tensor.numel()).view(tensor.sizes()) / tensor.numel();
  });
  const auto data = MakeData();
  Random random(5);
  arch::Subnet subnet = arch::SampleSubnet(space, random);
  subnet.genes[space.layout().resolution] = 0;
  const arch::Resolution& resolution = arch::ResolutionOf(space, subnet);
  const arch::Graph graph = arch::BuildGraph(space, subnet);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const supernet::LabelledImages images,
      supernet::LoadFirstImages(*data, data::Split::kCalibration, 0, resolution));
  std::vector<supernet::OpTensors> tensors = SliceWeights(supernet->weights(), graph);
  const std::vector<at::Tensor> batches = {images.Slice(0, 4), images.Slice(4, 2)};
  const auto statistics =
      supernet::RecalibrateBatchNorm(graph, tensors, batches, space.batch_norm_eps());
  supernet::ForwardOptions options;
  options.eps = space.batch_norm_eps();
  const at::Tensor logits = supernet::Forward(graph, supernet::WithStatistics(tensors, statistics),
                                              images.images, options);

  const engine::Examples examples = ExamplesOf(*data, data::Split::kCalibration, 0, resolution);
  ASSERT_EQ(examples.count, kImages);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const engine::FloatNetwork network,
      engine::RecalibrateBatchNorm(FloatSubnet(*supernet, subnet), examples, 4, ParallelLoop(2)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const engine::FloatProgram program,
                              engine::FloatProgram::Create(&network));
  engine::FloatRunner runner(&program);
  const double size = logits.abs().max().item<double>();
  for (int64_t i = 0; i < kImages; ++i) {
    ASSERT_THAT(examples.read(i, runner.input()), IsOk());
    const auto outputs = runner.Run();
    ASSERT_EQ(outputs.size(), kClasses);
    for (int c = 0; c < kClasses; ++c) {
      EXPECT_NEAR(outputs[c], logits[i][c].item<double>(), 2e-3 * size)
          << "example " << i << " class " << c;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Spaces, FloatSubnetTest,
                         ::testing::Values("cifar32", "mcunet", "ofa_mbv3_w10", "ofa_resnet50"));

}  // namespace
}  // namespace niwaki::int8
