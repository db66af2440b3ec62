#include "libs/search/make_optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::search {
namespace {

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

arch::SearchSpace Mcunet() { return *arch::CatalogueSpace("mcunet"); }

std::unique_ptr<Optimizer> MakeOrDie(const arch::SearchSpace& space, const Algorithm& algorithm,
                                     int num_objectives, uint64_t seed = 1) {
  auto optimizer = MakeOptimizer(space, {algorithm, num_objectives, seed});
  EXPECT_THAT(optimizer, IsOk());
  return *std::move(optimizer);
}

Outcome Scored(Objectives objectives) { return {Outcome::Kind::kScored, std::move(objectives)}; }

int Distance(const arch::Subnet& a, const arch::Subnet& b) {
  int differences = 0;
  for (size_t i = 0; i < a.genes.size(); ++i) differences += a.genes[i] != b.genes[i];
  return differences;
}

// All with small populations.
std::vector<Algorithm> AllAlgorithms() {
  EvolutionOptions evolution;
  evolution.population = 8;
  Nsga2Options nsga2;
  nsga2.population = 8;
  PredictorNsga2Options predictor;
  predictor.initial = 8;
  predictor.retrain_every = 8;
  predictor.population = 8;
  predictor.generations = 2;
  return {RandomSearchOptions{}, evolution, nsga2, predictor};
}

TEST(MakeOptimizerTest, RefusesOptionsOutOfRange) {
  const arch::SearchSpace space = Mcunet();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<OptimizerOptions, std::string>> cases = {
      {{EvolutionOptions{1}, 1, 1}, "evolution.population"},
      {{EvolutionOptions{10001}, 1, 1}, "evolution.population"},
      {{EvolutionOptions{100, -0.1}, 1, 1}, "evolution.parent_ratio"},
      {{EvolutionOptions{100, 0.25, 1.5}, 1, 1}, "evolution.mutation_ratio"},
      {{EvolutionOptions{100, 0.25, 0.5, nan}, 1, 1}, "evolution.mutation_probability"},
      {{EvolutionOptions{100, 0.25, 0.5, 0.1, 2}, 1, 1},
       "evolution.resolution_mutation_probability"},
      {{EvolutionOptions{}, 2, 1}, "num_objectives"},
      {{Nsga2Options{0}, 2, 1}, "nsga2.population"},
      {{Nsga2Options{50, 2}, 2, 1}, "nsga2.crossover_probability"},
      {{Nsga2Options{50, 0.9, -1}, 2, 1}, "nsga2.mutation_probability"},
      {{Nsga2Options{}, 5, 1}, "num_objectives"},
      {{RandomSearchOptions{}, 0, 1}, "num_objectives"},
      {{PredictorNsga2Options{7}, 1, 1}, "predictor_nsga2.initial"},
      {{PredictorNsga2Options{8, 0}, 1, 1}, "predictor_nsga2.retrain_every"},
      {{PredictorNsga2Options{8, 1, 3}, 1, 1}, "predictor_nsga2.population"},
      {{PredictorNsga2Options{8, 1, 4, 0}, 1, 1}, "predictor_nsga2.generations"},
      {{PredictorNsga2Options{8, 1, 4, 1, nan}, 1, 1}, "predictor_nsga2.exploration"},
      {{PredictorNsga2Options{8, 1, 4, 1, 0, 2}, 1, 1}, "predictor_nsga2.mutation_probability"},
      {{PredictorNsga2Options{}, 5, 1}, "num_objectives"},
  };
  for (const auto& [options, field] : cases) {
    const auto optimizer = MakeOptimizer(space, options);
    ASSERT_THAT(optimizer, HasReason(kInvalid, reason::kArgumentInvalid)) << field;
    EXPECT_EQ(GetErrorDetail(optimizer.status())->field, field);
    EXPECT_NE(GetErrorDetail(optimizer.status())->limit, "");
  }
}

TEST(OptimizerTest, ProposesCanonicalSubnetsOfSpaceAtEveryAttempt) {
  const arch::SearchSpace space = Mcunet();
  for (const Algorithm& algorithm : AllAlgorithms()) {
    const auto optimizer = MakeOrDie(space, algorithm, 1);
    for (int64_t slot = 0; slot < 40; ++slot) {
      for (int attempt = 0; attempt < 300; attempt += 7) {
        const arch::Subnet subnet = optimizer->Ask(slot, attempt);
        ASSERT_THAT(arch::Validate(space, subnet), IsOk());
        arch::Subnet canonical = subnet;
        arch::Canonicalise(space, canonical);
        ASSERT_EQ(canonical, subnet);
      }
      optimizer->Tell(slot, optimizer->Ask(slot, 0), Scored({static_cast<double>(slot)}));
    }
  }
}

TEST(OptimizerTest, AnswersDependOnSeedSlotAndAttemptOnly) {
  const arch::SearchSpace space = Mcunet();
  constexpr int kSlots = 40;
  for (const Algorithm& algorithm : AllAlgorithms()) {
    const auto one = MakeOrDie(space, algorithm, 1, 7);
    const auto other = MakeOrDie(space, algorithm, 1, 7);
    const auto reseeded = MakeOrDie(space, algorithm, 1, 8);
    int same_for[3] = {0, 0, 0};
    for (int64_t slot = 0; slot < kSlots; ++slot) {
      const arch::Subnet subnet = one->Ask(slot, 0);
      other->Ask(slot + 3, 5);
      EXPECT_EQ(other->Ask(slot, 0), subnet);
      same_for[0] += one->Ask(slot, 1) == subnet;
      same_for[1] += one->Ask(slot + 1, 0) == subnet;
      same_for[2] += reseeded->Ask(slot, 0) == subnet;
      for (Optimizer* optimizer : {one.get(), other.get(), reseeded.get()}) {
        optimizer->Tell(slot, subnet, Scored({std::sin(static_cast<double>(slot))}));
      }
    }
    // Crossovers of few parents may repeat, but seldom.
    EXPECT_THAT(same_for, testing::Each(testing::Lt(kSlots / 4)));
  }
}

TEST(OptimizerTest, AnswersStayTheSameWhileVersionDoes) {
  const arch::SearchSpace space = Mcunet();
  for (const Algorithm& algorithm : AllAlgorithms()) {
    const auto optimizer = MakeOrDie(space, algorithm, 1);
    int64_t version = optimizer->version();
    arch::Subnet before = optimizer->Ask(99, 0);
    for (int64_t slot = 0; slot < 50; ++slot) {
      optimizer->Tell(slot, optimizer->Ask(slot, 0), Scored({-static_cast<double>(slot)}));
      const arch::Subnet now = optimizer->Ask(99, 0);
      if (optimizer->version() == version) {
        EXPECT_EQ(now, before);
      }
      EXPECT_EQ(optimizer->version(), optimizer->VersionAfter(slot + 1));
      version = optimizer->version();
      before = now;
    }
  }
}

TEST(OptimizerTest, FailedAndInfeasibleNeverBecomeParents) {
  const arch::SearchSpace space = Mcunet();
  const arch::Subnet good = arch::MinSubnet(space);
  const arch::Subnet bad = arch::MaxSubnet(space);
  EvolutionOptions evolution{8, 1.0, 1.0, 0.0};
  Nsga2Options nsga2{8, 1.0, 0.0};
  for (const Algorithm& algorithm : {Algorithm(evolution), Algorithm(nsga2)}) {
    const auto optimizer = MakeOrDie(space, algorithm, 1);
    for (int64_t slot = 0; slot < 8; ++slot) {
      if (slot == 5) {
        optimizer->Tell(slot, good, Scored({3.0}));
      } else {
        const auto kind = slot % 2 == 0 ? Outcome::Kind::kFailed : Outcome::Kind::kInfeasible;
        optimizer->Tell(slot, bad, {kind, {}});
      }
    }
    // With no mutation of the blocks every child has those of the only parent.
    for (int64_t slot = 8; slot < 16; ++slot) {
      const arch::Subnet child = optimizer->Ask(slot, 0);
      EXPECT_LE(Distance(child, good), 2) << slot;
    }
  }
}

TEST(OptimizerTest, GenerationWithoutScoresGoesOnAtRandom) {
  const arch::SearchSpace space = Mcunet();
  for (const Algorithm& algorithm : AllAlgorithms()) {
    const auto optimizer = MakeOrDie(space, algorithm, 1);
    const arch::Subnet before = optimizer->Ask(20, 0);
    for (int64_t slot = 0; slot < 16; ++slot) {
      optimizer->Tell(slot, arch::MaxSubnet(space), {Outcome::Kind::kFailed, {}});
    }
    EXPECT_EQ(optimizer->Ask(20, 0), before);
  }
}

TEST(RandomSearchTest, GenesAreUniformAtLateAttemptsToo) {
  const arch::SearchSpace space = Mcunet();
  const auto optimizer = MakeOrDie(space, RandomSearchOptions{}, 1);
  constexpr int kDraws = 12000;
  constexpr int kChoices = 12;
  for (const int attempt : {0, 255}) {
    std::vector<int> counts(kChoices);
    for (int slot = 0; slot < kDraws; ++slot) {
      ++counts[optimizer->Ask(slot, attempt).genes[space.layout().resolution]];
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

TEST(EvolutionTest, ParentsAreTheBestOfAllGenerations) {
  const arch::SearchSpace space = Mcunet();
  // One parent, mutants whose blocks stay the parent's.
  const auto optimizer = MakeOrDie(space, EvolutionOptions{4, 0.25, 1.0, 0.0}, 1);
  const auto random = MakeOrDie(space, RandomSearchOptions{}, 1, 99);
  std::vector<arch::Subnet> told;
  const std::vector<double> losses = {5,           2, 9, 4, /*second generation*/ 8, 7, 6, 3,
                                      /*third*/ 4, 1, 1, 3};
  for (int64_t slot = 0; slot < 12; ++slot) {
    told.push_back(random->Ask(slot, 0));
    optimizer->Tell(slot, told.back(), Scored({losses[slot]}));
    if (slot == 3 || slot == 7) {
      EXPECT_LE(Distance(optimizer->Ask(slot + 1, 0), told[1]), 2);
    }
  }
  // Of two equals the earlier slot.
  EXPECT_LE(Distance(optimizer->Ask(12, 0), told[9]), 2);
}

TEST(EvolutionTest, SlotDecidesBetweenMutantAndCrossover) {
  const arch::SearchSpace space = Mcunet();
  const auto optimizer = MakeOrDie(space, EvolutionOptions{8, 0.25, 0.5, 0.0}, 1);
  for (int64_t slot = 0; slot < 8; ++slot) {
    const arch::Subnet subnet = slot == 0 ? arch::MinSubnet(space) : arch::MaxSubnet(space);
    optimizer->Tell(slot, subnet, Scored({static_cast<double>(slot)}));
  }
  // Mutants keep all blocks of one parent; a crossover of the extremes mixes the depths.
  int mixed[2] = {0, 0};
  for (int64_t slot = 8; slot < 8 + 800; ++slot) {
    const arch::Subnet child = optimizer->Ask(slot, 0);
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
  const auto optimizer = MakeOrDie(space, EvolutionOptions{4, 0.25, 0.5, 0.0}, 1);
  for (int64_t slot = 0; slot < 4; ++slot) {
    optimizer->Tell(slot, arch::MaxSubnet(space), Scored({1.0}));
  }
  for (const int64_t slot : {4, 7}) {
    std::set<std::vector<uint8_t>> distinct;
    for (int attempt = 0; attempt < 256; ++attempt) {
      const arch::Subnet subnet = optimizer->Ask(slot, attempt);
      distinct.emplace(subnet.genes.begin(), subnet.genes.end());
    }
    EXPECT_GT(distinct.size(), 150u) << "slot " << slot;
  }
}

TEST(Nsga2Test, SelectsWholeFrontsThenTheLessCrowded) {
  const arch::SearchSpace space = Mcunet();
  const auto random = MakeOrDie(space, RandomSearchOptions{}, 2, 99);
  const auto optimizer = MakeOrDie(space, Nsga2Options{4, 0.0, 0.0}, 2);
  // First generation: slots 0 to 2 a front, slot 3 dominated. The second: slots 4 to 6 lie on the
  // front and slot 5 in the largest gap; slot 7 is dominated.
  const std::vector<Objectives> values = {{0, 10}, {10, 0},  {1, 9},     {11, 11},
                                          {2, 8},  {6, 2.5}, {1.5, 8.5}, {12, 12}};
  std::vector<arch::Subnet> told;
  for (int64_t slot = 0; slot < 8; ++slot) {
    told.push_back(random->Ask(slot, 0));
    optimizer->Tell(slot, told.back(), Scored(values[slot]));
  }
  // Without crossover and mutation children are copies of parents.
  std::set<int64_t> parents;
  for (int64_t slot = 8; slot < 200; ++slot) {
    const arch::Subnet child = optimizer->Ask(slot, 0);
    parents.insert(std::find(told.begin(), told.end(), child) - told.begin());
  }
  EXPECT_THAT(parents, testing::ElementsAre(0, 1, 4, 5));
}

TEST(Nsga2Test, EqualPointsAreOrderedBySlot) {
  const arch::SearchSpace space = Mcunet();
  const auto random = MakeOrDie(space, RandomSearchOptions{}, 2, 99);
  const auto optimizer = MakeOrDie(space, Nsga2Options{4, 0.0, 0.0}, 2);
  std::vector<arch::Subnet> told;
  for (int64_t slot = 0; slot < 8; ++slot) {
    told.push_back(random->Ask(slot, 0));
    optimizer->Tell(slot, told.back(),
                    Scored({static_cast<double>(slot >= 4 && slot < 6 ? 0 : 1), 0.0}));
  }
  std::set<int64_t> parents;
  for (int64_t slot = 8; slot < 200; ++slot) {
    parents.insert(std::find(told.begin(), told.end(), optimizer->Ask(slot, 0)) - told.begin());
  }
  // The ends of the second front, by slot: 0 is the first and 7 the last of its equals.
  EXPECT_THAT(parents, testing::ElementsAre(0, 4, 5, 7));
}

}  // namespace
}  // namespace niwaki::search
