#include "libs/search/algorithms/random_search.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"

namespace niwaki::search {
namespace {

arch::SearchSpace Mcunet() { return *arch::CatalogueSpace("mcunet"); }

Outcome Scored(Objectives objectives) { return {Outcome::Kind::kScored, std::move(objectives)}; }

TEST(RandomSearchTest, GenesAreUniformAtLateAttemptsToo) {
  const arch::SearchSpace space = Mcunet();
  const RandomSearch optimizer(space, 1);
  constexpr int kDraws = 12000;
  constexpr int kChoices = 12;
  for (const int attempt : {0, 255}) {
    std::vector<int> counts(kChoices);
    for (int slot = 0; slot < kDraws; ++slot) {
      ++counts[optimizer.Ask(slot, attempt).genes[space.layout().resolution]];
    }
    double chi_squared = 0;
    for (const int count : counts) {
      const double expected = static_cast<double>(kDraws) / kChoices;
      chi_squared += (count - expected) * (count - expected) / expected;
    }
    // The 99.9 % quantile for 11 degrees of freedom.
    EXPECT_LT(chi_squared, 31.3) << "attempt " << attempt;
  }
}

TEST(RandomSearchTest, ProposalDependsOnSeedSlotAndAttemptOnly) {
  const arch::SearchSpace space = Mcunet();
  RandomSearch told(space, 7);
  const RandomSearch fresh(space, 7);
  const RandomSearch reseeded(space, 8);
  const arch::Subnet subnet = fresh.Ask(3, 0);

  for (int64_t slot = 0; slot < 50; ++slot) told.Tell(slot, subnet, Scored({1.0}));

  EXPECT_EQ(told.Ask(3, 0), subnet);
  EXPECT_NE(fresh.Ask(4, 0), subnet);
  EXPECT_NE(fresh.Ask(3, 1), subnet);
  EXPECT_NE(reseeded.Ask(3, 0), subnet);
  EXPECT_EQ(told.version(), 0);
  EXPECT_EQ(told.VersionAfter(1000), 0);
}

}  // namespace
}  // namespace niwaki::search
