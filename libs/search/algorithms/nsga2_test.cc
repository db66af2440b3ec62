#include "libs/search/algorithms/nsga2.h"

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

TEST(Nsga2Test, SelectsWholeFrontsThenTheLessCrowded) {
  const arch::SearchSpace space = Mcunet();
  const RandomSearch random(space, 99);
  Nsga2 optimizer(space, Nsga2Options{4, 0.0, 0.0}, 2, 1);
  // First generation: slots 0 to 2 a front, slot 3 dominated. The second: slots 4 to 6 lie on the
  // front and slot 5 in the largest gap; slot 7 is dominated.
  const std::vector<Objectives> values = {{0, 10}, {10, 0},  {1, 9},     {11, 11},
                                          {2, 8},  {6, 2.5}, {1.5, 8.5}, {12, 12}};
  std::vector<arch::Subnet> told;
  for (int64_t slot = 0; slot < 8; ++slot) {
    told.push_back(random.Ask(slot, 0));
    optimizer.Tell(slot, told.back(), Scored(values[slot]));
  }
  // Without crossover and mutation children are copies of parents.
  std::set<int64_t> parents;
  for (int64_t slot = 8; slot < 200; ++slot) {
    const arch::Subnet child = optimizer.Ask(slot, 0);
    parents.insert(std::find(told.begin(), told.end(), child) - told.begin());
  }
  EXPECT_THAT(parents, testing::ElementsAre(0, 1, 4, 5));
}

TEST(Nsga2Test, EqualPointsAreOrderedBySlot) {
  const arch::SearchSpace space = Mcunet();
  const RandomSearch random(space, 99);
  Nsga2 optimizer(space, Nsga2Options{4, 0.0, 0.0}, 2, 1);
  std::vector<arch::Subnet> told;
  for (int64_t slot = 0; slot < 8; ++slot) {
    told.push_back(random.Ask(slot, 0));
    optimizer.Tell(slot, told.back(),
                   Scored({static_cast<double>(slot >= 4 && slot < 6 ? 0 : 1), 0.0}));
  }
  std::set<int64_t> parents;
  for (int64_t slot = 8; slot < 200; ++slot) {
    parents.insert(std::find(told.begin(), told.end(), optimizer.Ask(slot, 0)) - told.begin());
  }
  // The ends of the second front, by slot: 0 is the first and 7 the last of its equals.
  EXPECT_THAT(parents, testing::ElementsAre(0, 4, 5, 7));
}

TEST(Nsga2Test, VersionIsTheNumberOfFullGenerations) {
  const arch::SearchSpace space = Mcunet();
  const Nsga2 optimizer(space, Nsga2Options{4}, 2, 1);

  EXPECT_EQ(optimizer.version(), 0);
  EXPECT_EQ(optimizer.VersionAfter(3), 0);
  EXPECT_EQ(optimizer.VersionAfter(4), 1);
  EXPECT_EQ(optimizer.VersionAfter(11), 2);
}

TEST(Nsga2Test, TournamentsPreferTheBetter) {
  const arch::SearchSpace space = Mcunet();
  const RandomSearch random(space, 99);
  Nsga2 optimizer(space, Nsga2Options{4, 0.0, 0.0}, 1, 1);
  std::vector<arch::Subnet> told;
  for (int64_t slot = 0; slot < 4; ++slot) {
    told.push_back(random.Ask(slot, 0));
    optimizer.Tell(slot, told.back(), Scored({static_cast<double>(slot)}));
  }
  // Copies of the winners of two draws out of four: 7, 5, 3 and 1 of 16 in the mean.
  constexpr int kDraws = 16000;
  std::vector<int> wins(4);
  for (int64_t slot = 4; slot < 4 + kDraws; ++slot) {
    const auto winner = std::find(told.begin(), told.end(), optimizer.Ask(slot, 0));
    ASSERT_NE(winner, told.end());
    ++wins[winner - told.begin()];
  }
  // Five deviations.
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(wins[i], 1000 * (7 - 2 * i), 315) << i;
}

TEST(Nsga2Test, CrossoverProbabilityIsThatOfMixedChildren) {
  const arch::SearchSpace space = Mcunet();
  const auto mixed = [&](double probability) {
    Nsga2 optimizer(space, Nsga2Options{2, probability, 0.0}, 2, 1);
    const arch::Subnet small = arch::MinSubnet(space);
    const arch::Subnet large = arch::MaxSubnet(space);
    optimizer.Tell(0, small, Scored({1.0, 0.0}));
    optimizer.Tell(1, large, Scored({0.0, 1.0}));
    int count = 0;
    for (int64_t slot = 2; slot < 2002; ++slot) {
      const arch::Subnet child = optimizer.Ask(slot, 0);
      count += child != small && child != large;
    }
    return count;
  };

  EXPECT_EQ(mixed(0.0), 0);
  // The two parents differ when one tournament drew the second twice and the other did not: 2 * 1/4
  // * 3/4 of 2000, with five deviations.
  EXPECT_NEAR(mixed(1.0), 750, 108);
  EXPECT_NEAR(mixed(0.5), 375, 87);
}

TEST(Nsga2Test, GenerationsSpreadOverTheFront) {
  const arch::SearchSpace space = Mcunet();
  const arch::Subnet small = arch::MinSubnet(space);
  const arch::Subnet large = arch::MaxSubnet(space);
  Nsga2 optimizer(space, Nsga2Options{20}, 2, 3);
  double first = 0;
  double last = 0;
  double least[2] = {1e9, 1e9};
  for (int64_t slot = 0; slot < 1000; ++slot) {
    const arch::Subnet subnet = optimizer.Ask(slot, 0);
    const double a = Distance(subnet, small);
    const double b = Distance(subnet, large);
    if (slot < 20) first += a + b;
    if (slot >= 980) {
      last += a + b;
      least[0] = std::min(least[0], a);
      least[1] = std::min(least[1], b);
    }
    optimizer.Tell(slot, subnet, Scored({a, b}));
  }
  // Nearer to both extremes together, and with networks next to either.
  EXPECT_LT(last, first);
  EXPECT_LT(least[0], 0.25 * Distance(small, large));
  EXPECT_LT(least[1], 0.25 * Distance(small, large));
}

}  // namespace
}  // namespace niwaki::search
