#include "libs/train/recipe/choice_set.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kSeed = 3;

// Genes: resolution, width, depth of the second stage, kernel and ratio of its two blocks. The
// first stage has no choice.
arch::SearchSpace Space() {
  const auto space = arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3
      resolutions { value: 8 } resolutions { value: 12 }
      width_mults: [0.5, 1]
      stem { width: 16 }
      stages { width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 1 }
      stages { width: 16 stride: 2 depths: [1, 2] kernel_sizes: [3, 5, 7] expand_ratios: [2, 3] }
      head {})");
  EXPECT_THAT(space.status(), IsOk());
  return *space;
}

ChoiceRule Listed(std::vector<double> values) {
  return {ChoiceRule::Kind::kListed, std::move(values)};
}
ChoiceRule Largest() { return {ChoiceRule::Kind::kLargest, {}}; }

Phase Named(const std::string& name) {
  Phase phase;
  phase.name = name;
  return phase;
}

ChoiceSet SetOf(const Phase& phase) {
  auto set = ChoiceSet::Create(Space(), phase);
  EXPECT_THAT(set.status(), IsOk());
  return *set;
}

TEST(ChoiceSetTest, AllChoicesReachBothEndsOfTheSpace) {
  const ChoiceSet set = SetOf(Named("all"));

  EXPECT_THAT(set.Largest().genes, ElementsAre(1, 1, 1, 2, 1, 2, 1));
  // The second block is switched off: its genes are 0.
  EXPECT_THAT(set.Smallest().genes, ElementsAre(0, 0, 0, 0, 0, 0, 0));
}

TEST(ChoiceSetTest, RulesBoundTheEnds) {
  Phase phase = Named("some");
  phase.kernel_sizes = Listed({5, 3});
  phase.expand_ratios = Largest();
  phase.depths = Listed({2});
  phase.width_mults = Listed({0.5});

  const ChoiceSet set = SetOf(phase);

  EXPECT_THAT(set.Largest().genes, ElementsAre(1, 0, 1, 1, 1, 1, 1));
  EXPECT_THAT(set.Smallest().genes, ElementsAre(0, 0, 1, 0, 1, 0, 1));
}

TEST(ChoiceSetTest, AGeneWithoutAListedValueKeepsItsLargest) {
  const auto space = arch::SearchSpace::FromTextproto(R"(
      name: "uneven" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      stem { width: 16 }
      stages { width: 16 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: 2 }
      stages { width: 16 depths: 1 kernel_sizes: [5, 7] expand_ratios: 2 }
      head {})");
  NIWAKI_ASSERT_OK(space.status());
  Phase phase = Named("a");
  phase.kernel_sizes = Listed({3});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChoiceSet set, ChoiceSet::Create(*space, phase));

  for (const arch::Subnet& subnet : {set.Largest(), set.Smallest()}) {
    EXPECT_EQ(arch::KernelSizeOf(*space, subnet, 0, 0), 3);
    EXPECT_EQ(arch::KernelSizeOf(*space, subnet, 1, 0), 7);
  }
}

TEST(ChoiceSetTest, CornersMixDimensions) {
  const ChoiceSet set = SetOf(Named("all"));
  std::array<bool, kDimensionCount> sides = {};
  sides[static_cast<int>(Dimension::kKernelSize)] = true;
  sides[static_cast<int>(Dimension::kDepth)] = true;
  sides[static_cast<int>(Dimension::kResolution)] = true;

  EXPECT_THAT(set.Corner(sides).genes, ElementsAre(1, 0, 1, 2, 0, 2, 0));
}

TEST(ChoiceSetTest, ElasticDimensionsHaveAChoiceLeft) {
  Phase phase = Named("a");
  phase.kernel_sizes = Largest();
  phase.width_mults = Listed({1});

  const ChoiceSet set = SetOf(phase);

  EXPECT_FALSE(set.IsElastic(Dimension::kKernelSize));
  EXPECT_FALSE(set.IsElastic(Dimension::kWidthMult));
  EXPECT_TRUE(set.IsElastic(Dimension::kExpandRatio));
  EXPECT_TRUE(set.IsElastic(Dimension::kDepth));
  EXPECT_TRUE(set.IsElastic(Dimension::kResolution));
}

TEST(ChoiceSetTest, ValuesAreThoseOfTheSpace) {
  const ChoiceSet set = SetOf(Named("all"));

  EXPECT_EQ(set.ValueText(Dimension::kKernelSize, true), "7");
  EXPECT_EQ(set.ValueText(Dimension::kKernelSize, false), "3");
  EXPECT_EQ(set.ValueText(Dimension::kWidthMult, false), "0.5");
  EXPECT_EQ(set.ValueText(Dimension::kDepth, true), "2");
  EXPECT_EQ(set.ValueText(Dimension::kResolution, false), "8");
}

TEST(ChoiceSetTest, SamplesAreUniformOverTheChoices) {
  constexpr int kDraws = 3000;
  Phase phase = Named("a");
  phase.kernel_sizes = Listed({3, 7});
  phase.depths = Largest();
  const ChoiceSet set = SetOf(phase);
  Random random(kSeed);

  std::map<int, int> kernels;
  std::map<int, int> resolutions;
  for (int i = 0; i < kDraws; ++i) {
    const arch::Subnet subnet = set.Sample(random);
    EXPECT_THAT(arch::Validate(Space(), subnet), IsOk());
    EXPECT_EQ(arch::DepthOf(Space(), subnet, 1), 2);
    ++kernels[arch::KernelSizeOf(Space(), subnet, 1, 1)];
    ++resolutions[set.SampleResolution(random)];
  }

  // Within six standard deviations of half.
  ASSERT_EQ(kernels.size(), 2u) << "seed " << kSeed;
  EXPECT_NEAR(kernels[3], kDraws / 2, 165);
  EXPECT_NEAR(kernels[7], kDraws / 2, 165);
  EXPECT_NEAR(resolutions[0], kDraws / 2, 165);
  EXPECT_NEAR(resolutions[1], kDraws / 2, 165);
}

TEST(ChoiceSetTest, SamplesAreCanonical) {
  Phase phase = Named("a");
  phase.depths = Listed({1});
  const ChoiceSet set = SetOf(phase);
  Random random(kSeed);

  for (int i = 0; i < 20; ++i) {
    const arch::Subnet subnet = set.Sample(random);
    EXPECT_EQ(subnet.genes[5], 0) << "seed " << kSeed;
    EXPECT_EQ(subnet.genes[6], 0) << "seed " << kSeed;
  }
}

TEST(ChoiceSetTest, GrowingKeepsEveryChoice) {
  Phase before = Named("before");
  before.kernel_sizes = Listed({5, 7});
  Phase after = Named("after");
  after.kernel_sizes = Listed({3, 5});

  EXPECT_THAT(SetOf(Named("all")).CheckGrownFrom(SetOf(before)), IsOk());
  EXPECT_THAT(SetOf(before).CheckGrownFrom(SetOf(before)), IsOk());
  const absl::Status lost = SetOf(after).CheckGrownFrom(SetOf(before));
  EXPECT_THAT(lost, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(lost, StatusIs(absl::StatusCode::kInvalidArgument,
                             "phase 'after' allows kernel_sizes {3,5}, but phase 'before' before "
                             "it has trained {5,7}"));
}

TEST(ChoiceSetTest, ValuesOutsideTheSpaceAreNamedInEveryDimension) {
  struct Case {
    ChoiceRule Phase::*rule;
    double value;
    const char* message;
  };
  for (const Case& bad : {
           Case{&Phase::kernel_sizes, 9,
                "kernel_sizes 9 is no choice of space 'tiny', which has {3,5,7}"},
           Case{&Phase::expand_ratios, 6,
                "expand_ratios 6 is no choice of space 'tiny', which has {1,2,3}"},
           Case{&Phase::depths, 3, "depths 3 is no choice of space 'tiny', which has {1,2}"},
           Case{&Phase::width_mults, 0.75,
                "width_mults 0.75 is no choice of space 'tiny', which has {0.5,1}"},
           Case{&Phase::resolutions, 10,
                "resolutions 10 is no choice of space 'tiny', which has {8,12}"},
       }) {
    SCOPED_TRACE(bad.message);
    Phase phase = Named("a");
    phase.*bad.rule = Listed({bad.value});

    EXPECT_THAT(
        ChoiceSet::Create(Space(), phase),
        StatusIs(absl::StatusCode::kInvalidArgument, absl::StrCat("phase 'a': ", bad.message)));
  }
}

}  // namespace
}  // namespace niwaki::train
