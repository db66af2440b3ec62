// Nsga2: multi-objective search by non-dominated sorting (Deb 2002).
//
// Version v begins when v * population outcomes have been told. Its parents are the best
// `population` of (the parents of v - 1 and the scored outcomes told since): whole fronts first,
// the last one cut by crowding distance, equals by slot. A child has two parents, each the winner
// of a binary tournament (front, then crowding distance, then slot); crossover, then mutation.
// While there are no parents proposals are random. With a lag generations overlap by `lag` slots,
// as in Evolution.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_NSGA2_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_NSGA2_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/search/algorithms/generation.h"
#include "libs/search/front/objectives.h"
#include "libs/search/optimizer.h"
#include "libs/search/option.h"

namespace niwaki::search {

// NSGA-II (Deb 2002): non-dominated sorting, crowding distance, binary tournaments.
struct Nsga2Options {
  static constexpr absl::string_view kName = "nsga2";
  static constexpr int kMostObjectives = kMaxObjectives;
  // Ranges and texts of the members.
  static absl::Span<const OptionOf<Nsga2Options>> Table();

  int population = 50;
  double crossover_probability = 0.9;
  double mutation_probability = 0.1;
};

class Nsga2 : public Optimizer {
 public:
  // `options` is valid (MakeOptimizer checks it).
  Nsga2(const arch::SearchSpace& space, const Nsga2Options& options, int num_objectives,
        uint64_t seed);

  arch::Subnet Ask(int64_t slot, int attempt) const override;
  void Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) override;
  int64_t version() const override { return VersionAfter(generation_.told()); }
  int64_t VersionAfter(int64_t told) const override { return generation_.EndedAfter(told); }

 private:
  arch::Subnet Child(int attempt, Random& random) const;
  const arch::Subnet& Tournament(Random& random) const;

  const arch::SearchSpace& space_;
  const Nsga2Options options_;
  const uint64_t seed_;
  Generation generation_;
  // Best first: the order that decides tournaments.
  std::vector<Member> parents_;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_NSGA2_H_
