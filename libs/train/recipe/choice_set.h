// ChoiceSet: the part of a search space that a phase of training samples from.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_CHOICE_SET_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_CHOICE_SET_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

// Elastic dimensions, in the order of kRuleFields.
enum class Dimension { kKernelSize, kExpandRatio, kDepth, kWidthMult, kResolution };
inline constexpr int kDimensionCount = 5;

// Immutable; thread-safe. Borrows nothing.
class ChoiceSet {
 public:
  // InvalidArgument with reason ARGUMENT_INVALID names phase, dimension, value and the space's
  // choices when a value listed is a choice nowhere in the space.
  static absl::StatusOr<ChoiceSet> Create(const arch::SearchSpace& space, const Phase& phase);

  // Whether every choice of `before` is one of this set; else InvalidArgument with reason
  // ARGUMENT_INVALID that names both phases, the dimension and both sets.
  absl::Status CheckGrownFrom(const ChoiceSet& before) const;

  // Whether some gene of the dimension has more than one choice.
  bool IsElastic(Dimension dimension) const;

  // The largest or the smallest choice of the dimension's first gene, for names: "7", "0.5".
  std::string ValueText(Dimension dimension, bool largest) const;

  // Subnets of the set; canonical.
  arch::Subnet Largest() const { return Corner({true, true, true, true, true}); }
  arch::Subnet Smallest() const { return Corner({}); }
  // Each dimension at its largest or its smallest choices.
  arch::Subnet Corner(const std::array<bool, kDimensionCount>& largest) const;
  // Every gene uniform over its choices.
  arch::Subnet Sample(Random& random) const;
  // One resolution, uniform.
  uint8_t SampleResolution(Random& random) const;

 private:
  struct Gene {
    Dimension dimension;
    // Indices into the space's choices, ascending, and the values they stand for.
    std::vector<uint8_t> allowed;
    std::vector<double> values;
  };
  ChoiceSet(const arch::SearchSpace& space, const Phase& phase) : space_(space), phase_(phase) {}
  void Add(Dimension dimension, const std::vector<double>& values, const ChoiceRule& rule);
  absl::Status CheckListed(Dimension dimension, const ChoiceRule& rule) const;

  arch::SearchSpace space_;
  Phase phase_;
  // In the order of a subnet's genes.
  std::vector<Gene> genes_;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_CHOICE_SET_H_
