#include "libs/search/algorithms/evolution.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/search/algorithms/random_search.h"

namespace niwaki::search {
namespace {

arch::SearchSpace Mcunet() { return *arch::CatalogueSpace("mcunet"); }

Outcome Scored(Objectives objectives) { return {Outcome::Kind::kScored, std::move(objectives)}; }

int Distance(const arch::Subnet& a, const arch::Subnet& b) {
  int differences = 0;
  for (size_t i = 0; i < a.genes.size(); ++i) differences += a.genes[i] != b.genes[i];
  return differences;
}

TEST(EvolutionTest, ParentsAreTheBestOfAllGenerations) {
  const arch::SearchSpace space = Mcunet();
  // One parent, mutants whose blocks stay the parent's.
  Evolution optimizer(space, EvolutionOptions{4, 0.25, 1.0, 0.0}, 1);
  const RandomSearch random(space, 99);
  std::vector<arch::Subnet> told;
  const std::vector<double> losses = {5,           2, 9, 4, /*second generation*/ 8, 7, 6, 3,
                                      /*third*/ 4, 1, 1, 3};
  for (int64_t slot = 0; slot < 12; ++slot) {
    told.push_back(random.Ask(slot, 0));
    optimizer.Tell(slot, told.back(), Scored({losses[slot]}));
    if (slot == 3 || slot == 7) {
      EXPECT_LE(Distance(optimizer.Ask(slot + 1, 0), told[1]), 2);
    }
  }
  // Of two equals the earlier slot.
  EXPECT_LE(Distance(optimizer.Ask(12, 0), told[9]), 2);
}

TEST(EvolutionTest, SlotDecidesBetweenMutantAndCrossover) {
  const arch::SearchSpace space = Mcunet();
  Evolution optimizer(space, EvolutionOptions{8, 0.25, 0.5, 0.0}, 1);
  for (int64_t slot = 0; slot < 8; ++slot) {
    const arch::Subnet subnet = slot == 0 ? arch::MinSubnet(space) : arch::MaxSubnet(space);
    optimizer.Tell(slot, subnet, Scored({static_cast<double>(slot)}));
  }
  // Mutants keep all blocks of one parent; a crossover of the extremes mixes the depths.
  int mixed[2] = {0, 0};
  for (int64_t slot = 8; slot < 8 + 800; ++slot) {
    const arch::Subnet child = optimizer.Ask(slot, 0);
    std::set<int> depths;
    for (const auto& stage : space.layout().stages) {
      if (space.gene_sizes()[stage.depth] > 1) depths.insert(child.genes[stage.depth]);
    }
    mixed[slot % 8 >= 4] += depths.size() > 1;
  }
  EXPECT_EQ(mixed[0], 0);
  // Half of the pairs are one parent twice.
  EXPECT_GT(mixed[1], 120);
}

TEST(EvolutionTest, LaterAttemptsDoNotRepeatForever) {
  const arch::SearchSpace space = Mcunet();
  Evolution optimizer(space, EvolutionOptions{4, 0.25, 0.5, 0.0}, 1);
  for (int64_t slot = 0; slot < 4; ++slot) {
    optimizer.Tell(slot, arch::MaxSubnet(space), Scored({1.0}));
  }
  for (const int64_t slot : {4, 7}) {
    std::set<std::vector<uint8_t>> distinct;
    for (int attempt = 0; attempt < 256; ++attempt) {
      const arch::Subnet subnet = optimizer.Ask(slot, attempt);
      distinct.emplace(subnet.genes.begin(), subnet.genes.end());
    }
    EXPECT_GT(distinct.size(), 150u) << "slot " << slot;
  }
}

TEST(EvolutionTest, VersionIsTheNumberOfFullGenerations) {
  const arch::SearchSpace space = Mcunet();
  Evolution optimizer(space, EvolutionOptions{4}, 1);

  EXPECT_EQ(optimizer.VersionAfter(3), 0);
  EXPECT_EQ(optimizer.VersionAfter(4), 1);
  EXPECT_EQ(optimizer.VersionAfter(11), 2);
  for (int64_t slot = 0; slot < 4; ++slot) {
    EXPECT_EQ(optimizer.version(), 0);
    optimizer.Tell(slot, arch::MinSubnet(space), Scored({1.0}));
  }
  EXPECT_EQ(optimizer.version(), 1);
}

TEST(EvolutionTest, FirstGenerationIsRandom) {
  const arch::SearchSpace space = Mcunet();
  Evolution optimizer(space, EvolutionOptions{8}, 5);
  const RandomSearch random(space, 5);
  for (int64_t slot = 0; slot < 7; ++slot) {
    EXPECT_EQ(optimizer.Ask(slot, 0), random.Ask(slot, 0));
    optimizer.Tell(slot, optimizer.Ask(slot, 0), Scored({static_cast<double>(slot)}));
  }
}

TEST(EvolutionTest, ResolutionMutatesByItsOwnProbability) {
  const arch::SearchSpace space = Mcunet();
  const int resolution = space.layout().resolution;
  const auto changed = [&](double probability) {
    Evolution optimizer(space, EvolutionOptions{2, 0.5, 1.0, 0.0, probability}, 1);
    const arch::Subnet parent = arch::MaxSubnet(space);
    for (int64_t slot = 0; slot < 2; ++slot) optimizer.Tell(slot, parent, Scored({1.0}));
    int count = 0;
    for (int64_t slot = 2; slot < 1202; ++slot) {
      count += optimizer.Ask(slot, 0).genes[resolution] != parent.genes[resolution];
    }
    return count;
  };

  EXPECT_EQ(changed(0.0), 0);
  // Resampled among 12, one of which is the parent's: 1100 and 550 of 1200, with five deviations.
  EXPECT_NEAR(changed(1.0), 1100, 50);
  EXPECT_NEAR(changed(0.5), 550, 87);
}

// The fewest parents are one, however small the share.
TEST(EvolutionTest, SmallestShareKeepsOneParent) {
  const arch::SearchSpace space = Mcunet();
  Evolution optimizer(space, EvolutionOptions{4, 0.001, 1.0, 0.0, 0.0}, 1);
  const RandomSearch random(space, 99);
  for (int64_t slot = 0; slot < 4; ++slot) {
    optimizer.Tell(slot, random.Ask(slot, 0), Scored({slot == 2 ? 0.0 : 1.0}));
  }
  for (int64_t slot = 4; slot < 50; ++slot) {
    EXPECT_EQ(optimizer.Ask(slot, 0), random.Ask(2, 0));
  }
}

TEST(EvolutionTest, GenerationsComeNearerToTheBest) {
  const arch::SearchSpace space = Mcunet();
  // The loss of a network is its distance from the smallest one.
  const arch::Subnet best = arch::MinSubnet(space);
  Evolution optimizer(space, EvolutionOptions{20}, 3);
  std::vector<double> means;
  for (int64_t slot = 0; slot < 400; ++slot) {
    const arch::Subnet subnet = optimizer.Ask(slot, 0);
    const double loss = Distance(subnet, best);
    if (slot % 20 == 0) means.push_back(0);
    means.back() += loss / 20;
    optimizer.Tell(slot, subnet, Scored({loss}));
  }
  EXPECT_LT(means[5], means[0]);
  EXPECT_LT(means[19], means[5]);
  EXPECT_LT(means[19], means[0] / 2);
}

}  // namespace
}  // namespace niwaki::search
