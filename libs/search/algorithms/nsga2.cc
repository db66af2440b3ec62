#include "libs/search/algorithms/nsga2.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "libs/search/algorithms/best_first.h"
#include "libs/search/algorithms/population.h"
#include "libs/search/algorithms/variation.h"

namespace niwaki::search {
namespace {

using Options = Nsga2Options;

constexpr OptionOf<Options> kTable[] = {
    {{"population", kPopulation, "Networks of a generation"}, &Options::population},
    {{"crossover_probability", kShare, "Chance of crossover before mutation"},
     &Options::crossover_probability},
    {{"mutation_probability", kShare, "Chance of each gene to be resampled in a mutation"},
     &Options::mutation_probability},
};

}  // namespace

absl::Span<const OptionOf<Nsga2Options>> Nsga2Options::Table() { return kTable; }

Nsga2::Nsga2(const arch::SearchSpace& space, const Nsga2Options& options, int num_objectives,
             uint64_t seed)
    : space_(space),
      options_(options),
      seed_(seed),
      generation_(options.population, num_objectives) {}

arch::Subnet Nsga2::Ask(int64_t slot, int attempt) const {
  Random random = ProposalStream(seed_, slot, attempt);
  if (parents_.empty()) return SampleForAttempt(space_, attempt, random);
  return FinishChild(space_, Child(attempt, random), attempt, random);
}

arch::Subnet Nsga2::Child(int attempt, Random& random) const {
  const arch::Subnet& first = Tournament(random);
  const arch::Subnet& second = Tournament(random);
  const bool cross = random.Bernoulli(options_.crossover_probability);
  const arch::Subnet child = cross ? arch::CrossoverSubnets(space_, first, second, random) : first;
  arch::MutateOptions mutate;
  mutate.probability = MutationProbability(options_.mutation_probability, attempt);
  mutate.resolution_probability = mutate.probability;
  return arch::MutateSubnet(space_, child, mutate, random);
}

const arch::Subnet& Nsga2::Tournament(Random& random) const {
  // The parents stand best first, so the smaller index wins.
  const uint64_t a = random.Uniform(parents_.size());
  const uint64_t b = random.Uniform(parents_.size());
  return parents_[std::min(a, b)].subnet;
}

void Nsga2::Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) {
  if (!generation_.Add(slot, subnet, outcome)) return;
  std::vector<Member> members = generation_.TakeMembers();
  std::move(members.begin(), members.end(), std::back_inserter(parents_));
  KeepBest(options_.population, parents_);
}

}  // namespace niwaki::search
