#include "libs/search/algorithms/evolution.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "libs/search/algorithms/population.h"
#include "libs/search/algorithms/variation.h"

namespace niwaki::search {
namespace {

// `share` of `whole`, rounded to the nearest.
int ShareOf(int whole, double share) { return static_cast<int>(whole * share + 0.5); }

using Options = EvolutionOptions;

constexpr OptionOf<Options> kTable[] = {
    {{"population", kPopulation, "Networks of a generation"}, &Options::population},
    {{"parent_ratio", kShareAboveZero,
      "Share of the population that become parents; one does at least"},
     &Options::parent_ratio},
    {{"mutation_ratio", kShare, "Share of mutants among children, the rest are crossovers"},
     &Options::mutation_ratio},
    {{"mutation_probability", kShare, "Chance of each gene to be resampled in a mutation"},
     &Options::mutation_probability},
    {{"resolution_mutation_probability", kShare,
      "Chance of the resolution, and of the width multiplier, to be resampled in a mutation; "
      "mutation_probability at least"},
     &Options::resolution_mutation_probability},
};

}  // namespace

absl::Span<const OptionOf<EvolutionOptions>> EvolutionOptions::Table() { return kTable; }

Evolution::Evolution(const arch::SearchSpace& space, const EvolutionOptions& options, uint64_t seed)
    : space_(space),
      options_(options),
      seed_(seed),
      num_mutants_(ShareOf(options.population, options.mutation_ratio)),
      num_parents_(std::max(1, ShareOf(options.population, options.parent_ratio))),
      generation_(options.population, /*num_objectives=*/1) {}

arch::Subnet Evolution::Ask(int64_t slot, int attempt) const {
  Random random = ProposalStream(seed_, slot, attempt);
  if (parents_.empty()) return SampleForAttempt(space_, attempt, random);
  return FinishChild(space_, Child(slot, attempt, random), attempt, random);
}

arch::Subnet Evolution::Child(int64_t slot, int attempt, Random& random) const {
  arch::MutateOptions mutate;
  mutate.probability = MutationProbability(options_.mutation_probability, attempt);
  mutate.resolution_probability =
      std::max(options_.resolution_mutation_probability, mutate.probability);
  const arch::Subnet& first = parents_[random.Uniform(parents_.size())].subnet;
  if (slot % options_.population < num_mutants_) {
    return arch::MutateSubnet(space_, first, mutate, random);
  }
  const arch::Subnet& second = parents_[random.Uniform(parents_.size())].subnet;
  const arch::Subnet child = arch::CrossoverSubnets(space_, first, second, random);
  // Crossovers of like parents repeat themselves: later attempts mutate them too.
  if (attempt < kPlainAttempts) return child;
  return arch::MutateSubnet(space_, child, mutate, random);
}

void Evolution::Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) {
  if (!generation_.Add(slot, subnet, outcome)) return;
  std::vector<Member> members = generation_.TakeMembers();
  std::move(members.begin(), members.end(), std::back_inserter(parents_));
  std::sort(parents_.begin(), parents_.end(), [](const Member& a, const Member& b) {
    if (a.objectives[0] != b.objectives[0]) return a.objectives[0] < b.objectives[0];
    return a.slot < b.slot;
  });
  if (parents_.size() > static_cast<size_t>(num_parents_)) {
    parents_.erase(parents_.begin() + num_parents_, parents_.end());
  }
}

}  // namespace niwaki::search
