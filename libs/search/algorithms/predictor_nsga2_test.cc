#include "libs/search/algorithms/predictor_nsga2.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/search/algorithms/random_search.h"
#include "libs/search/table_scorer.h"

namespace niwaki::search {
namespace {

arch::SearchSpace Mcunet() { return *arch::CatalogueSpace("mcunet"); }

Outcome Scored(Objectives objectives) { return {Outcome::Kind::kScored, std::move(objectives)}; }

constexpr int kInitial = 64;
constexpr int kEvery = 16;

PredictorNsga2Options Small(double exploration) {
  PredictorNsga2Options options;
  options.initial = kInitial;
  options.retrain_every = kEvery;
  options.population = 40;
  options.generations = 10;
  options.exploration = exploration;
  return options;
}

TEST(PredictorNsga2Test, VersionsBeginWithTheFirstTraining) {
  const arch::SearchSpace space = Mcunet();
  const PredictorNsga2 optimizer(space, PredictorNsga2Options{8, 4}, 1, 1);

  EXPECT_EQ(optimizer.VersionAfter(0), 0);
  EXPECT_EQ(optimizer.VersionAfter(7), 0);
  EXPECT_EQ(optimizer.VersionAfter(8), 1);
  EXPECT_EQ(optimizer.VersionAfter(11), 1);
  EXPECT_EQ(optimizer.VersionAfter(12), 2);
}

TEST(PredictorNsga2Test, SlotsBeforeTheFirstTrainingAreRandom) {
  const arch::SearchSpace space = Mcunet();
  PredictorNsga2 optimizer(space, Small(0.0), 1, 5);
  const RandomSearch random(space, 5);
  for (int64_t slot = 0; slot < kInitial; ++slot) {
    EXPECT_EQ(optimizer.Ask(slot, 0), random.Ask(slot, 0));
    optimizer.Tell(slot, random.Ask(slot, 0), Scored({static_cast<double>(slot)}));
  }
  EXPECT_NE(optimizer.Ask(kInitial, 0), random.Ask(kInitial, 0));
}

// On a loss that is a sum over the choices the predictor finds networks better than any told.
TEST(PredictorNsga2Test, ProposalsArePromisingAndNew) {
  const arch::SearchSpace space = Mcunet();
  const TableScorer scorer(space, 1);
  const RandomSearch random(space, 99);
  PredictorNsga2 optimizer(space, Small(0.0), 1, 1);
  std::vector<arch::Subnet> told;
  double best_told = 1;
  for (int64_t slot = 0; slot < kInitial; ++slot) {
    told.push_back(random.Ask(slot, 0));
    best_told = std::min(best_told, scorer.Loss(told.back()));
    optimizer.Tell(slot, told.back(), Scored({scorer.Loss(told.back())}));
  }
  std::vector<arch::Subnet> proposed;
  double mean = 0;
  for (int64_t slot = kInitial; slot < kInitial + kEvery; ++slot) {
    proposed.push_back(optimizer.Ask(slot, 0));
    mean += scorer.Loss(proposed.back()) / kEvery;
    EXPECT_EQ(std::count(told.begin(), told.end(), proposed.back()), 0);
    EXPECT_EQ(std::count(proposed.begin(), proposed.end(), proposed.back()), 1);
  }
  EXPECT_LT(mean, best_told);
}

TEST(PredictorNsga2Test, ProposalsKeepToPredictedLimits) {
  const arch::SearchSpace space = Mcunet();
  const TableScorer scorer(space, 1);
  const RandomSearch random(space, 99);
  constexpr double kLimit = 0.35;
  PredictorNsga2 optimizer(space, Small(0.0), 1, 1);
  int64_t slot = 0;
  for (int64_t draw = 0; slot < kInitial; ++draw) {
    const arch::Subnet subnet = random.Ask(draw, 0);
    if (scorer.Cost(subnet) > kLimit) continue;
    Outcome outcome = Scored({scorer.Loss(subnet)});
    outcome.usages = {scorer.Cost(subnet) / kLimit};
    optimizer.Tell(slot++, subnet, outcome);
  }
  int within = 0;
  for (; slot < kInitial + kEvery; ++slot) {
    within += scorer.Cost(optimizer.Ask(slot, 0)) <= 1.1 * kLimit;
  }
  // Without a limit the best networks are larger.
  EXPECT_GE(within, 14);
}

TEST(PredictorNsga2Test, ExplorationIsTheShareOfSlotsThatFollowParents) {
  const arch::SearchSpace space = Mcunet();
  for (const double share : {0.0, 0.25, 1.0}) {
    PredictorNsga2Options options = Small(share);
    options.mutation_probability = 0;
    PredictorNsga2 optimizer(space, options, 1, 1);
    // One parent and no mutation: an exploring slot proposes the parent, which the predictor, who
    // knows it, never does.
    const arch::Subnet parent = arch::MaxSubnet(space);
    for (int64_t slot = 0; slot < kInitial; ++slot) {
      optimizer.Tell(slot, parent,
                     slot == 0 ? Scored({1.0}) : Outcome{Outcome::Kind::kFailed, {}, {}});
    }
    constexpr int kSlots = 2000;
    int exploring = 0;
    for (int64_t slot = kInitial; slot < kInitial + kSlots; ++slot) {
      exploring += optimizer.Ask(slot, 0) == parent;
    }
    // Five deviations.
    EXPECT_NEAR(exploring, share * kSlots, share == 0.25 ? 97 : 0) << share;
  }
}

TEST(PredictorNsga2Test, RestartIsReplay) {
  const arch::SearchSpace space = Mcunet();
  const TableScorer scorer(space, 1);
  PredictorNsga2 first(space, Small(0.2), 2, 9);
  std::vector<arch::Subnet> told;
  const auto tell = [&](PredictorNsga2& optimizer, int64_t slot) {
    const arch::Subnet& subnet = told[slot];
    optimizer.Tell(slot, subnet, Scored({scorer.Loss(subnet), scorer.Cost(subnet)}));
  };
  for (int64_t slot = 0; slot < 100; ++slot) {
    told.push_back(first.Ask(slot, slot % 3));
    tell(first, slot);
  }

  PredictorNsga2 again(space, Small(0.2), 2, 9);
  for (int64_t slot = 0; slot < 100; ++slot) tell(again, slot);

  // Whatever was asked before, in whatever order.
  for (const int attempt : {20, 0, 3, 1}) {
    for (int64_t slot = 111; slot >= 100; --slot) {
      EXPECT_EQ(again.Ask(slot, attempt), first.Ask(slot, attempt));
    }
  }
}

TEST(PredictorNsga2Test, LaterAttemptsGoOnWithTheNextBest) {
  const arch::SearchSpace space = Mcunet();
  const TableScorer scorer(space, 1);
  const RandomSearch random(space, 99);
  PredictorNsga2 optimizer(space, Small(0.0), 1, 1);
  for (int64_t slot = 0; slot < kInitial; ++slot) {
    const arch::Subnet subnet = random.Ask(slot, 0);
    optimizer.Tell(slot, subnet, Scored({scorer.Loss(subnet)}));
  }
  std::set<std::vector<uint8_t>> distinct;
  for (int64_t slot = kInitial; slot < kInitial + kEvery; ++slot) {
    for (int attempt = 0; attempt < 8; ++attempt) {
      const arch::Subnet subnet = optimizer.Ask(slot, attempt);
      distinct.emplace(subnet.genes.begin(), subnet.genes.end());
    }
  }
  EXPECT_EQ(distinct.size(), kEvery * 8u);
}

}  // namespace
}  // namespace niwaki::search
