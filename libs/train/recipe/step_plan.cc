#include "libs/train/recipe/step_plan.h"

#include "libs/base/random.h"

namespace niwaki::train {

StepPlan PlanStep(const arch::SearchSpace& space, const ChoiceSet& choices, const Phase& phase,
                  uint64_t seed, int64_t step) {
  Random random(DeriveSeed(seed, static_cast<uint64_t>(step)));
  StepPlan plan;
  plan.resolution = choices.SampleResolution(random);
  const auto at_resolution = [&](arch::Subnet subnet) {
    subnet.genes[space.layout().resolution] = plan.resolution;
    return subnet;
  };
  plan.largest = at_resolution(choices.Largest());
  int random_subnets = phase.subnets;
  if (phase.sampling == SamplingRule::kSandwich) {
    const arch::Subnet smallest = at_resolution(choices.Smallest());
    plan.subnets.push_back(plan.largest);
    if (smallest == plan.largest) {
      random_subnets = 0;
    } else {
      plan.subnets.push_back(smallest);
    }
  }
  for (int i = 0; i < random_subnets; ++i) {
    plan.subnets.push_back(at_resolution(choices.Sample(random)));
  }
  return plan;
}

}  // namespace niwaki::train
