// What one step of a training samples: a pure function of (choices, phase, seed, step), the same on
// every machine that takes part.

#ifndef NIWAKI_LIBS_TRAIN_RECIPE_STEP_PLAN_H_
#define NIWAKI_LIBS_TRAIN_RECIPE_STEP_PLAN_H_

#include <cstdint>
#include <vector>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/train/recipe/choice_set.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

struct StepPlan {
  // Index of the resolution that every subnet of the step has.
  uint8_t resolution = 0;
  std::vector<arch::Subnet> subnets;
  // The largest subnet of the phase, at that resolution.
  arch::Subnet largest;
};

// kReference: `phase.subnets` random subnets. kSandwich: the largest, the smallest and
// `phase.subnets` random ones, or the largest alone where the phase has no other.
StepPlan PlanStep(const arch::SearchSpace& space, const ChoiceSet& choices, const Phase& phase,
                  uint64_t seed, int64_t step);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RECIPE_STEP_PLAN_H_
