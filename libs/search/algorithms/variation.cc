#include "libs/search/algorithms/variation.h"

#include <algorithm>

namespace niwaki::search {
namespace {

constexpr int kFirstFreshAttempt = 2 * kPlainAttempts;
constexpr int kFreshPeriod = 4;
constexpr int kAttemptsPerDraw = 8;

}  // namespace

Random ProposalStream(uint64_t seed, int64_t slot, int attempt) {
  return Random(DeriveSeed(DeriveSeed(seed, static_cast<uint64_t>(slot)), attempt));
}

double Widening(int attempt) {
  if (attempt < kPlainAttempts) return 0.0;
  return std::min(1.0, static_cast<double>(attempt - kPlainAttempts + 1) /
                           (kWidestAttempt - kPlainAttempts + 1));
}

arch::Subnet SampleForAttempt(const arch::SearchSpace& space, int attempt, Random& random) {
  arch::Subnet subnet = arch::SampleSubnet(space, random);
  if (attempt < kPlainAttempts) return subnet;
  // SampleSubnet was the first draw; its inactive genes are 0 already and stay so.
  const int more_draws =
      1 + (std::min(attempt, kWidestAttempt) - kPlainAttempts) / kAttemptsPerDraw;
  const std::vector<uint8_t>& sizes = space.gene_sizes();
  for (size_t i = 0; i < sizes.size(); ++i) {
    for (int draw = 0; draw < more_draws && subnet.genes[i] > 0; ++draw) {
      const uint8_t other = static_cast<uint8_t>(random.Uniform(sizes[i]));
      subnet.genes[i] = std::min(subnet.genes[i], other);
    }
  }
  arch::Canonicalise(space, subnet);
  return subnet;
}

arch::Subnet Shrink(const arch::SearchSpace& space, const arch::Subnet& subnet, double probability,
                    Random& random) {
  arch::Subnet smaller = subnet;
  for (uint8_t& gene : smaller.genes) {
    if (gene == 0 || !random.Bernoulli(probability)) continue;
    gene = static_cast<uint8_t>(random.Uniform(gene));
  }
  arch::Canonicalise(space, smaller);
  return smaller;
}

double MutationProbability(double base, int attempt) {
  if (attempt % 2 != 0) return base;
  return base + (1.0 - base) * Widening(attempt);
}

arch::Subnet FinishChild(const arch::SearchSpace& space, const arch::Subnet& child, int attempt,
                         Random& random) {
  if (attempt < kPlainAttempts) return child;
  if (attempt >= kFirstFreshAttempt && attempt % kFreshPeriod == kFreshPeriod - 1) {
    return SampleForAttempt(space, attempt, random);
  }
  if (attempt % 2 == 0) return child;
  return Shrink(space, child, Widening(attempt), random);
}

}  // namespace niwaki::search
