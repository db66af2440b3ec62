#include "libs/train/recipe/step_plan.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

arch::SearchSpace Kws() { return *arch::CatalogueSpace("kws"); }

Phase LargestOnly() {
  Phase phase;
  for (ChoiceRule* rule :
       {&phase.kernel_sizes, &phase.expand_ratios, &phase.depths, &phase.width_mults}) {
    rule->kind = ChoiceRule::Kind::kLargest;
  }
  return phase;
}

TEST(StepPlanTest, SamplesStayInsideThePhase) {
  const arch::SearchSpace space = Kws();
  Phase phase = LargestOnly();
  phase.kernel_sizes = {ChoiceRule::Kind::kListed, {5, 7}};
  phase.subnets = 3;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChoiceSet choices, ChoiceSet::Create(space, phase));

  bool smaller = false;
  for (int step = 0; step < 50; ++step) {
    const StepPlan plan = PlanStep(space, choices, phase, 1, step);
    ASSERT_EQ(plan.subnets.size(), 3u);
    for (const arch::Subnet& subnet : plan.subnets) {
      EXPECT_EQ(subnet.genes[space.layout().resolution], plan.resolution);
      EXPECT_EQ(arch::DepthOf(space, subnet, 1), 4);
      EXPECT_EQ(arch::ExpandRatioOf(space, subnet, 1, 0), 6);
      EXPECT_GE(arch::KernelSizeOf(space, subnet, 1, 0), 5);
      smaller |= arch::KernelSizeOf(space, subnet, 1, 0) == 5;
    }
    EXPECT_EQ(PlanStep(space, choices, phase, 1, step).subnets, plan.subnets);
  }
  EXPECT_TRUE(smaller);
}

TEST(StepPlanTest, SandwichHasBothEndsOnce) {
  const arch::SearchSpace space = Kws();
  Phase phase;
  phase.sampling = SamplingRule::kSandwich;
  phase.subnets = 2;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChoiceSet all, ChoiceSet::Create(space, phase));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChoiceSet one, ChoiceSet::Create(space, LargestOnly()));

  const StepPlan plan = PlanStep(space, all, phase, 1, 0);

  ASSERT_EQ(plan.subnets.size(), 4u);
  EXPECT_EQ(plan.subnets[0], plan.largest);
  EXPECT_EQ(arch::DepthOf(space, plan.subnets[1], 1), 2);
  EXPECT_EQ(PlanStep(space, one, phase, 1, 0).subnets.size(), 1u);
}

TEST(StepPlanTest, SeedAndStepDecide) {
  const arch::SearchSpace space = Kws();
  const Phase phase;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChoiceSet choices, ChoiceSet::Create(space, phase));

  std::set<std::vector<uint8_t>> seen;
  for (const uint64_t seed : {1, 2}) {
    for (int step = 0; step < 10; ++step) {
      const arch::Subnet subnet = PlanStep(space, choices, phase, seed, step).subnets[0];
      seen.emplace(subnet.genes.begin(), subnet.genes.end());
    }
  }

  // Of billions of subnets no two steps have the same.
  EXPECT_EQ(seen.size(), 20u);
}

TEST(StepPlanTest, LargestIsThePhasesAtTheStepsResolution) {
  const arch::SearchSpace space = *arch::CatalogueSpace("cifar32");
  Phase phase = LargestOnly();
  phase.kernel_sizes = {ChoiceRule::Kind::kListed, {3, 5}};
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChoiceSet choices, ChoiceSet::Create(space, phase));

  std::set<int> resolutions;
  for (int step = 0; step < 30; ++step) {
    const StepPlan plan = PlanStep(space, choices, phase, 1, step);
    arch::Subnet expected = choices.Largest();
    expected.genes[space.layout().resolution] = plan.resolution;
    EXPECT_EQ(plan.largest, expected);
    resolutions.insert(plan.resolution);
  }

  EXPECT_EQ(resolutions.size(), space.resolutions().size());
}

}  // namespace
}  // namespace niwaki::train
