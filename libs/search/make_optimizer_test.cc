#include "libs/search/make_optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/algorithm.h"
#include "libs/search/optimizer.h"
#include "libs/search/option.h"
#include "libs/search/range_cases.h"

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
      {{EvolutionOptions{100, 0}, 1, 1}, "evolution.parent_ratio"},
      {{EvolutionOptions{100, 0.25, 1.5}, 1, 1}, "evolution.mutation_ratio"},
      {{EvolutionOptions{100, 0.25, 0.5, nan}, 1, 1}, "evolution.mutation_probability"},
      {{EvolutionOptions{100, 0.25, 0.5, 0.1, 2}, 1, 1},
       "evolution.resolution_mutation_probability"},
      {{EvolutionOptions{}, 2, 1}, "num_objectives"},
      {{Nsga2Options{1}, 2, 1}, "nsga2.population"},
      {{Nsga2Options{50, 2}, 2, 1}, "nsga2.crossover_probability"},
      {{Nsga2Options{50, 0.9, -1}, 2, 1}, "nsga2.mutation_probability"},
      {{Nsga2Options{}, 5, 1}, "num_objectives"},
      {{RandomSearchOptions{}, 0, 1}, "num_objectives"},
      {{PredictorNsga2Options{7}, 1, 1}, "predictor_nsga2.initial"},
      {{PredictorNsga2Options{8, 0}, 1, 1}, "predictor_nsga2.retrain_every"},
      {{PredictorNsga2Options{8, 1, 1}, 1, 1}, "predictor_nsga2.population"},
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

TEST(MakeOptimizerTest, TakesTheEndsOfEveryRangeAndNothingBeyond) {
  const arch::SearchSpace space = Mcunet();
  for (const std::string& name : AlgorithmNames()) {
    for (const Option& option : OptionsOf(*AlgorithmByName(name))) {
      for (const double value : CasesOf(option.range).accepted) {
        Algorithm algorithm = *AlgorithmByName(name);
        NIWAKI_ASSERT_OK(SetAlgorithmOption(algorithm, option.name, "f", value));
        EXPECT_THAT(MakeOptimizer(space, {algorithm, 1, 1}), IsOk()) << option.name;
      }
    }
  }
  EXPECT_THAT(
      MakeOptimizer(space, {Nsga2Options{1}, 1, 1}),
      StatusIs(kInvalid, "nsga2.population is 1; it must be a whole number from 2 to 10000"));
}

// The ends of the ranges are not only accepted, they work.
TEST(OptimizerTest, SmallestPopulationsAndNoVariationStillSearch) {
  const arch::SearchSpace space = Mcunet();
  const std::vector<Algorithm> extremes = {EvolutionOptions{2, 1.0, 0.0, 0.0, 0.0},
                                           EvolutionOptions{2, 1.0 / 1024, 1.0, 0.0, 0.0},
                                           Nsga2Options{2, 0.0, 0.0},
                                           Nsga2Options{2, 1.0, 1.0},
                                           PredictorNsga2Options{8, 1, 2, 1, 0.0, 0.0},
                                           PredictorNsga2Options{8, 1, 2, 1, 1.0, 0.0}};
  for (const Algorithm& algorithm : extremes) {
    const auto optimizer = MakeOrDie(space, algorithm, 1);
    std::set<std::vector<uint8_t>> known;
    for (int64_t slot = 0; slot < 60; ++slot) {
      bool found = false;
      for (int attempt = 0; attempt < 256 && !found; ++attempt) {
        const arch::Subnet subnet = optimizer->Ask(slot, attempt);
        if (!known.emplace(subnet.genes.begin(), subnet.genes.end()).second) continue;
        found = true;
        optimizer->Tell(slot, subnet, Scored({std::sin(static_cast<double>(slot))}));
      }
      ASSERT_TRUE(found) << AlgorithmName(algorithm) << " slot " << slot;
    }
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

}  // namespace
}  // namespace niwaki::search
