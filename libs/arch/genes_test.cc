#include "libs/arch/genes.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

constexpr uint64_t kSeed = 17;

TEST(GenesTest, EveryGeneOfEverySpaceHasOneSizeForEachChoice) {
  for (const std::string& name : CatalogueNames()) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace(name));

    const std::vector<GeneRole> roles = GeneRolesOf(space);

    ASSERT_EQ(roles.size(), space.gene_sizes().size()) << name;
    for (size_t gene = 0; gene < roles.size(); ++gene) {
      EXPECT_EQ(roles[gene].gene, static_cast<int>(gene));
      EXPECT_EQ(roles[gene].sizes.size(), space.gene_sizes()[gene]) << name << " gene " << gene;
    }
  }
}

TEST(GenesTest, RolesAreThoseOfTheSubnetsChoices) {
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace("mcunet"));
  const GeneLayout& layout = space.layout();
  const std::vector<GeneRole> roles = GeneRolesOf(space);
  for (int i = 0; i < 20; ++i) {
    const Subnet subnet = SampleSubnet(space, random);
    for (const GeneLayout::StageGenes& stage : layout.stages) {
      const GeneRole& depth = roles[stage.depth];
      EXPECT_EQ(depth.kind, GeneKind::kDepth);
      EXPECT_EQ(depth.sizes[subnet.genes[stage.depth]], DepthOf(space, subnet, stage.stage));
      for (int b = 0; b < stage.blocks; ++b) {
        const GeneRole& kernel = roles[layout.kernel_size(stage.first_block + b)];
        const GeneRole& expand = roles[layout.expand_ratio(stage.first_block + b)];
        EXPECT_EQ(kernel.kind, GeneKind::kKernelSize);
        EXPECT_EQ(expand.kind, GeneKind::kExpandRatio);
        const bool active = b < DepthOf(space, subnet, stage.stage);
        EXPECT_EQ(kernel.IsActive(subnet), active);
        EXPECT_EQ(expand.IsActive(subnet), active);
        if (!active) continue;
        // From 3 to 7.
        EXPECT_EQ(kernel.sizes[subnet.genes[kernel.gene]],
                  (KernelSizeOf(space, subnet, stage.stage, b) - 3) / 4.0);
      }
    }
  }
}

}  // namespace
}  // namespace niwaki::arch
