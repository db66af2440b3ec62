#include "libs/latency/space_operators.h"

#include <iostream>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

TEST(SpaceOperatorsTest, EveryNetworkOfASpaceIsMadeOfThem) {
  const uint64_t seed = 5;
  Random random(seed);
  for (const char* name : {"kws", "cifar32", "mcunet", "ofa_mbv3_w10", "ofa_resnet50"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    const std::vector<EmittedOp> operators = OperatorsOf(space);
    const absl::flat_hash_set<EmittedOp> all(operators.begin(), operators.end());
    EXPECT_EQ(all.size(), operators.size()) << name;
    std::cout << name << ": " << operators.size() << " operators\n";
    for (int i = 0; i < 50; ++i) {
      OperatorSet own;
      own.Add(arch::BuildGraph(space, arch::SampleSubnet(space, random)));
      for (const EmittedOp& op : own.operators()) {
        EXPECT_TRUE(all.contains(op))
            << name << ": " << op.signature.ToText() << ", " << OpFormText(op.form);
      }
    }
  }
}

}  // namespace
}  // namespace niwaki::latency
