#include "libs/supernet/ofa_names.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

std::map<std::string, std::string> TheirsOf(const std::vector<OfaName>& names) {
  std::map<std::string, std::string> theirs;
  for (const OfaName& name : names) theirs[name.ours] = name.theirs;
  return theirs;
}

// Every tensor of the weights once, in their order and shape.
TEST(OfaNamesTest, SupernetNamesAreThoseOfTheWeights) {
  for (const std::string& name : arch::CatalogueNames()) {
    SCOPED_TRACE(name);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    const std::vector<OfaName> names = OfaSupernetNames(space, OfaRepository::kOnceForAll);
    const SharedWeights weights = SharedWeights::Random(space, 0);
    std::set<std::string> theirs;
    size_t i = 0;
    weights.ForEach([&](const std::string& ours, const at::Tensor& tensor) {
      ASSERT_LT(i, names.size());
      EXPECT_EQ(names[i].ours, ours);
      EXPECT_EQ(tensor.sizes(), at::IntArrayRef(names[i].shape)) << ours;
      EXPECT_TRUE(theirs.insert(names[i].theirs).second) << names[i].theirs;
      ++i;
    });
    EXPECT_EQ(i, names.size());
  }
}

TEST(OfaNamesTest, ElasticLayersAreWrapped) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));

  auto theirs = TheirsOf(OfaSupernetNames(space, OfaRepository::kOnceForAll));

  EXPECT_EQ(theirs["stem.weight"], "first_conv.conv.weight");
  EXPECT_EQ(theirs["stage0.block0.depthwise.bn.bias"], "blocks.0.conv.depth_conv.bn.bias");
  EXPECT_EQ(theirs["stage2.block0.depthwise.weight"], "blocks.5.conv.depth_conv.conv.conv.weight");
  EXPECT_EQ(theirs["stage2.block0.depthwise.7to5_matrix"],
            "blocks.5.conv.depth_conv.conv.7to5_matrix");
  EXPECT_EQ(theirs["stage2.block0.squeeze_reduce.bias"],
            "blocks.5.conv.depth_conv.se.fc.reduce.bias");
  EXPECT_EQ(theirs["stage5.block3.project.bn.running_var"],
            "blocks.20.conv.point_linear.bn.bn.running_var");
  EXPECT_EQ(theirs["head.feature_mix.weight"], "feature_mix_layer.conv.weight");
  EXPECT_EQ(theirs["classifier.weight"], "classifier.linear.weight");
}

TEST(OfaNamesTest, EveryLayerIsElasticWithSeveralWidths) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet_mix"));

  auto theirs = TheirsOf(OfaSupernetNames(space, OfaRepository::kMcunet));

  EXPECT_EQ(theirs["stem.weight"], "first_conv.conv.conv.weight");
  EXPECT_EQ(theirs["stage0.block0.project.weight"],
            "blocks.0.mobile_inverted_conv.point_linear.conv.conv.weight");
  EXPECT_EQ(theirs["head.feature_mix.bn.weight"], "feature_mix_layer.bn.bn.weight");
  EXPECT_EQ(theirs["classifier.bias"], "classifier.linear.linear.bias");
}

TEST(OfaNamesTest, SubnetsNumberTheirBlocksWithoutGaps) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));

  auto theirs = TheirsOf(OfaSubnetNames(graph, OfaRepository::kOnceForAll));

  // One static block, then two of each stage.
  EXPECT_EQ(theirs["stage2.block0.depthwise.weight"], "blocks.3.conv.depth_conv.conv.weight");
  EXPECT_EQ(theirs["stage5.block1.project.bn.weight"], "blocks.10.conv.point_linear.bn.weight");
  EXPECT_EQ(theirs.count("stage2.block0.depthwise.7to5_matrix"), 0);
}

}  // namespace
}  // namespace niwaki::supernet
