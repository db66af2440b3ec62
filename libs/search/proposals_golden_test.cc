// What every algorithm proposes for a seed, bit for bit: stored jobs are replayed, so these digests
// never change.

#include <string>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/digest.h"
#include "libs/search/algorithm.h"
#include "libs/search/make_optimizer.h"
#include "libs/search/optimizer.h"
#include "libs/search/table_scorer.h"

namespace niwaki::search {
namespace {

constexpr int kSlots = 125;
// A plain attempt, one more, and an odd and an even one that are varied.
constexpr int kAttempts[] = {0, 1, 33, 40};

Outcome OutcomeOf(const TableScorer& scorer, int64_t slot, const arch::Subnet& subnet,
                  int num_objectives) {
  Outcome outcome;
  if (slot % 11 == 5) outcome.kind = Outcome::Kind::kInfeasible;
  if (slot % 13 == 7) outcome.kind = Outcome::Kind::kFailed;
  if (outcome.kind != Outcome::Kind::kScored) return outcome;
  outcome.objectives = {scorer.Loss(subnet)};
  if (num_objectives == 2) outcome.objectives.push_back(scorer.Cost(subnet));
  outcome.usages = {scorer.Cost(subnet)};
  return outcome;
}

// SHA-256 over the genes of 500 proposals; every first attempt is told.
std::string DigestOfProposals(const std::string& space_name, const Algorithm& algorithm,
                              int num_objectives) {
  const arch::SearchSpace space = *arch::CatalogueSpace(space_name);
  const TableScorer scorer(space, /*seed=*/3);
  const auto optimizer = *MakeOptimizer(space, {algorithm, num_objectives, /*seed=*/42});
  Sha256 digest;
  for (int64_t slot = 0; slot < kSlots; ++slot) {
    for (const int attempt : kAttempts) {
      const arch::Subnet subnet = optimizer->Ask(slot, attempt);
      digest.Update({reinterpret_cast<const char*>(subnet.genes.data()), subnet.genes.size()});
    }
    const arch::Subnet first = optimizer->Ask(slot, 0);
    optimizer->Tell(slot, first, OutcomeOf(scorer, slot, first, num_objectives));
  }
  return digest.FinishHex();
}

TEST(ProposalsGoldenTest, RandomSearchKeepsItsProposals) {
  EXPECT_EQ(DigestOfProposals("kws", RandomSearchOptions(), 2),
            "628a132be98baa5e563fabb616d6d736b370f18b60d2565a73f858261172b6f6");
  EXPECT_EQ(DigestOfProposals("mcunet", RandomSearchOptions(), 1),
            "75642e2b0fea00c73f3497ee1a65cb6539a39228fc17f72d34c0ca320c1e3d12");
}

TEST(ProposalsGoldenTest, EvolutionKeepsItsProposals) {
  EvolutionOptions options;
  options.population = 20;
  EXPECT_EQ(DigestOfProposals("kws", options, 1),
            "e326974ab51e27714de0f7cc157212f788e7ec52fe072c0d7530260a30e86577");
  EXPECT_EQ(DigestOfProposals("mcunet", options, 1),
            "c0f47816c5ae8a90914873ba48b6205a1c8ffa70c8c10c1970ea36cbbc24d601");
}

TEST(ProposalsGoldenTest, Nsga2KeepsItsProposals) {
  Nsga2Options options;
  options.population = 20;
  EXPECT_EQ(DigestOfProposals("kws", options, 2),
            "a535bcfa385fb9306ee191e14cb99de4d640c7e0cc98a2d697667e96c9e92339");
  EXPECT_EQ(DigestOfProposals("mcunet", options, 2),
            "e662c692aea68712c1f810b5866373b76ee435bb6521df12aa4a9115d778caf4");
}

TEST(ProposalsGoldenTest, PredictorNsga2KeepsItsProposals) {
  PredictorNsga2Options options;
  options.initial = 24;
  options.retrain_every = 8;
  options.population = 20;
  options.generations = 5;
  EXPECT_EQ(DigestOfProposals("kws", options, 2),
            "41b3592ba9a32670b718eb27574ef6329a7c4b09b7b7184ff84df8aa05ea73e7");
  EXPECT_EQ(DigestOfProposals("mcunet", options, 2),
            "2d8ec00fee56892942425bcc0153fffaf5b234322a4083e36cde3c9e9e562c0e");
}

TEST(ProposalsGoldenTest, DefaultsKeepTheirProposals) {
  EXPECT_EQ(DigestOfProposals("kws", EvolutionOptions(), 1),
            "0278785f00c59d5a799f72650347a3f1192d89ef0b8f9cea385ee7de02267693");
  EXPECT_EQ(DigestOfProposals("kws", Nsga2Options(), 2),
            "0a973b890198c20b85e2fa3e8c43351e3e90cc4ba5d9fef6ee5af778cdf09000");
  EXPECT_EQ(DigestOfProposals("kws", PredictorNsga2Options(), 2),
            "33bd09596de09c439095487735e56679a1179c255dbc2d50a8de56aae052f5a1");
}

}  // namespace
}  // namespace niwaki::search
