#include "libs/engine/plan/layouts.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {
namespace {

TEST(WholeLayoutsTest, AreThoseOfThePlanForNetworksOfEverySpace) {
  const uint64_t seed = 11;
  Random random(seed);
  WholeLayouts layouts;
  for (const char* name : {"kws", "cifar32", "mcunet", "ofa_mbv3_w10", "ofa_resnet50"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    for (int i = 0; i < 3; ++i) {
      const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
      const NetworkPlan plan = PlanNetwork(graph);
      const std::vector<Layout>& found = layouts.Of(graph);
      ASSERT_EQ(found.size(), plan.memory.tensors.size());
      bool planar = false;
      for (size_t t = 0; t < found.size(); ++t) {
        EXPECT_EQ(found[t], plan.memory.tensors[t].layout) << name << " tensor " << t;
        planar |= found[t] == Layout::kPlanar;
      }
      EXPECT_EQ(planar, std::string(name) != "ofa_resnet50") << name;
    }
  }
}

}  // namespace
}  // namespace niwaki::engine
