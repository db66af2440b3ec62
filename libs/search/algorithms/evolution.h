// Evolution: OFA's evolutionary search for one objective (Cai 2020, §3.4 and its released finder).
//
// Version v begins when v * population outcomes have been told. Its parents are the best
// parent_ratio * population of (the parents of v - 1 and the scored outcomes told since), by
// objective, then slot. A child is a mutant of one parent or a crossover of two, drawn uniformly;
// which, the slot decides: of every `population` slots the first mutation_ratio are mutants. While
// there are no parents (the first `population` slots, or nothing scored yet) proposals are random.
//
// With a lag, slots of the next generation are asked before the last outcomes of this one are told;
// they still take the older parents, so generations overlap by `lag` slots.
//
// Differs from the released finder in that a duplicate is refused (by the caller) and later
// attempts of a slot vary more; that one collapses to a handful of distinct children.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_EVOLUTION_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_EVOLUTION_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/search/algorithms/generation.h"
#include "libs/search/optimizer.h"
#include "libs/search/option.h"

namespace niwaki::search {

// OFA's evolution (Cai 2020, §3.4; its released finder keeps the best quarter as parents in the
// population). Without mutation, children are crossovers and copies; copies are refused, and later
// attempts vary whatever is set here.
struct EvolutionOptions {
  static constexpr absl::string_view kName = "evolution";
  static constexpr int kMostObjectives = 1;
  // Ranges and texts of the members.
  static absl::Span<const OptionOf<EvolutionOptions>> Table();

  int population = 100;
  double parent_ratio = 0.25;
  double mutation_ratio = 0.5;
  double mutation_probability = 0.1;
  // Of the resolution and the width multiplier in a mutant. A new resolution makes a child whose
  // blocks were chosen for another: under a tight budget 0.1 finds better networks than the
  // finder's 0.5.
  double resolution_mutation_probability = 0.5;
};

class Evolution : public Optimizer {
 public:
  // `options` is valid (MakeOptimizer checks it).
  Evolution(const arch::SearchSpace& space, const EvolutionOptions& options, uint64_t seed);

  arch::Subnet Ask(int64_t slot, int attempt) const override;
  void Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) override;
  int64_t version() const override { return VersionAfter(generation_.told()); }
  int64_t VersionAfter(int64_t told) const override { return generation_.EndedAfter(told); }

 private:
  arch::Subnet Child(int64_t slot, int attempt, Random& random) const;

  const arch::SearchSpace& space_;
  const EvolutionOptions options_;
  const uint64_t seed_;
  // Of every `population` slots, how many are mutants; and how many parents are kept.
  const int num_mutants_;
  const int num_parents_;
  Generation generation_;
  std::vector<Member> parents_;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_EVOLUTION_H_
