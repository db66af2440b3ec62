#include "libs/supernet/extract.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/scoring/recalibrate.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kSeed = 11;
constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

// The weights decide, not the size of the images: small ones will do for every space.
class ExtractTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ExtractTest, StandaloneTensorsGiveTheSameLogitsBitForBit) {
  constexpr int64_t kSide = 40;
  c10::InferenceMode no_gradients;
  at::manual_seed(kSeed);
  const arch::SearchSpace space = *arch::CatalogueSpace(GetParam());
  const SharedWeights weights = SharedWeights::Random(space, kSeed);
  Random random(kSeed);
  ForwardOptions options;
  options.eps = space.batch_norm_eps();
  for (const auto format : {at::MemoryFormat::Contiguous, kChannelsLast, kChannelsLast}) {
    const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
    const at::Tensor input =
        at::randn({3, space.input_channels(), kSide, kSide}).contiguous(format);
    const auto slices = SliceWeights(weights, graph);
    const auto statistics = RecalibrateBatchNorm(graph, slices, {input}, options.eps);

    const StandaloneTensors standalone = ExtractSubnet(weights, graph, &statistics);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto bound, BindStandalone(graph, standalone));

    EXPECT_TRUE(at::equal(Forward(graph, bound, input, options),
                          Forward(graph, WithStatistics(slices, statistics), input, options)))
        << "seed " << kSeed;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ExtractTest, ::testing::ValuesIn(arch::CatalogueNames()),
                         [](const ::testing::TestParamInfo<std::string>& info) {
                           return info.param;
                         });

TEST(BindTest, WrongTensorsAreNamedWithShapes) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  const SharedWeights weights = SharedWeights::Random(space, kSeed);
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  StandaloneTensors tensors = ExtractSubnet(weights, graph);
  tensors["stem.weight"] = at::zeros({8, 1, 5, 5});
  StandaloneTensors incomplete = ExtractSubnet(weights, graph);
  incomplete.erase("classifier.bias");

  EXPECT_THAT(BindStandalone(graph, tensors), StatusIs(absl::StatusCode::kInvalidArgument,
                                                       "[8,1,5,5], the subnet needs [8,1,3,3]"));
  EXPECT_THAT(BindStandalone(graph, incomplete),
              StatusIs(absl::StatusCode::kInvalidArgument, "classifier.bias [12] is missing"));
}

TEST(ExtractSubnetTest, TensorsAreTheSubnetsOwn) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  SharedWeights weights = SharedWeights::Random(space, kSeed);
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));

  const StandaloneTensors tensors = ExtractSubnet(weights, graph);
  const at::Tensor before = tensors.at("stem.weight").clone();
  weights.layer({arch::WeightRole::kStem}).weight.zero_();

  EXPECT_TRUE(tensors.at("stem.weight").is_contiguous());
  EXPECT_TRUE(at::equal(tensors.at("stem.weight"), before));
  EXPECT_GT(before.abs().max().item<float>(), 0);
  // Running statistics are those of the weights when none are given.
  EXPECT_TRUE(at::equal(tensors.at("stem.bn.running_var"), at::ones({before.size(0)})));
}

}  // namespace
}  // namespace niwaki::supernet
