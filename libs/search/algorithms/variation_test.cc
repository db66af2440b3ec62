#include "libs/search/algorithms/variation.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"

namespace niwaki::search {
namespace {

int SumOfGenes(const arch::Subnet& subnet) {
  int sum = 0;
  for (const uint8_t gene : subnet.genes) sum += gene;
  return sum;
}

double MeanSumOfGenes(const arch::SearchSpace& space, int attempt) {
  constexpr int kDraws = 500;
  int sum = 0;
  for (int slot = 0; slot < kDraws; ++slot) {
    Random random = ProposalStream(1, slot, attempt);
    sum += SumOfGenes(SampleForAttempt(space, attempt, random));
  }
  return static_cast<double>(sum) / kDraws;
}

TEST(VariationTest, WideningGrowsFromZeroToOne) {
  EXPECT_EQ(Widening(0), 0.0);
  EXPECT_EQ(Widening(kPlainAttempts - 1), 0.0);
  for (int attempt = kPlainAttempts; attempt < kWidestAttempt; ++attempt) {
    EXPECT_LT(Widening(attempt - 1), Widening(attempt));
  }
  EXPECT_EQ(Widening(kWidestAttempt), 1.0);
  EXPECT_EQ(Widening(10 * kWidestAttempt), 1.0);
}

TEST(VariationTest, PlainAttemptsSampleUniformly) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  for (int attempt = 0; attempt < kPlainAttempts; ++attempt) {
    Random plain = ProposalStream(1, 5, attempt);
    Random uniform = ProposalStream(1, 5, attempt);
    EXPECT_EQ(SampleForAttempt(space, attempt, plain), arch::SampleSubnet(space, uniform));
  }
}

TEST(VariationTest, LaterSamplesAreSmaller) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  double previous = MeanSumOfGenes(space, 0);
  for (const int attempt : {16, 32, 64, 128, 255}) {
    const double mean = MeanSumOfGenes(space, attempt);
    EXPECT_LT(mean, previous) << "attempt " << attempt;
    previous = mean;
  }
  EXPECT_LT(previous, 1.0);
}

TEST(VariationTest, ShrinkNeverEnlargesGene) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    const arch::Subnet smaller = Shrink(space, subnet, 0.5, random);
    for (size_t i = 0; i < subnet.genes.size(); ++i) {
      ASSERT_LE(smaller.genes[i], subnet.genes[i]) << "seed " << seed << " gene " << i;
    }
    EXPECT_EQ(Shrink(space, subnet, 0.0, random), subnet);
    for (size_t i = 0; i < subnet.genes.size(); ++i) {
      const bool certain = Shrink(space, subnet, 1.0, random).genes[i] < subnet.genes[i];
      EXPECT_EQ(certain, subnet.genes[i] > 0) << "seed " << seed << " gene " << i;
    }
  }
}

TEST(VariationTest, MutationWidensOnEvenAttemptsOnly) {
  EXPECT_EQ(MutationProbability(0.1, 0), 0.1);
  EXPECT_EQ(MutationProbability(0.1, 15), 0.1);
  EXPECT_GT(MutationProbability(0.1, 16), 0.1);
  EXPECT_EQ(MutationProbability(0.1, 17), 0.1);
  EXPECT_GT(MutationProbability(0.0, 128), 0.4);
  EXPECT_EQ(MutationProbability(0.1, kWidestAttempt), 1.0);
}

}  // namespace
}  // namespace niwaki::search
