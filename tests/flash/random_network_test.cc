#include "tests/flash/random_network.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::flash {
namespace {

TEST(RandomNetworkTest, SubnetsOfEveryKindOfSpaceAreValid) {
  Random random(1);
  // Mobile blocks with and without squeeze-excite and hard-swish, bottlenecks.
  for (const char* name : {"kws", "cifar32", "mcunet", "ofa_mbv3_w10", "ofa_resnet50"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
    NIWAKI_EXPECT_OK(engine::Validate(RandomNetwork(graph, 1))) << name;
  }
}

TEST(RandomNetworkTest, SeedSaysTheWeights) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  EXPECT_EQ(RandomNetwork(graph, 1).weights[0].values, RandomNetwork(graph, 1).weights[0].values);
  EXPECT_NE(RandomNetwork(graph, 1).weights[0].values, RandomNetwork(graph, 2).weights[0].values);
}

TEST(RandomNetworkTest, ActivationsThatAreNoClampsStandBehind) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  const engine::QuantisedNetwork network = RandomNetwork(graph, 1);
  EXPECT_GT(network.graph.ops.size(), graph.ops.size());
  EXPECT_EQ(arch::CountMacs(network.graph), arch::CountMacs(graph));
}

}  // namespace
}  // namespace niwaki::flash
