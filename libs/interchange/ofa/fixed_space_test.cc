#include "libs/interchange/ofa/fixed_space.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::interchange {
namespace {

class FixedSpaceTest : public ::testing::TestWithParam<const char*> {};

TEST_P(FixedSpaceTest, HasTheSubnetsNetwork) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(GetParam()));
  Random random(7);

  for (int i = 0; i < 20; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fixed, FixedSpace(space, subnet, "one"));

    const arch::Graph expected = arch::BuildGraph(space, subnet);
    const arch::Graph graph = arch::BuildGraph(fixed, arch::MaxSubnet(fixed));
    EXPECT_TRUE(IsFixed(fixed));
    EXPECT_EQ(fixed.Size(), 1);
    EXPECT_EQ(fixed.name(), "one");
    EXPECT_EQ(graph.ops.size(), expected.ops.size());
    EXPECT_EQ(arch::CountMacs(graph), arch::CountMacs(expected));
    EXPECT_EQ(arch::CountParams(graph), arch::CountParams(expected));
  }
}

INSTANTIATE_TEST_SUITE_P(Spaces, FixedSpaceTest,
                         ::testing::Values("kws", "cifar32", "mcunet", "mcunet_mix", "ofa_mbv3_w10",
                                           "ofa_mbv3_w12", "ofa_proxyless_w13"));

TEST(FixedSpaceTest, OfAFixedSpaceIsItself) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fixed,
                              FixedSpace(space, arch::MinSubnet(space), "one"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace again,
                              FixedSpace(fixed, arch::MaxSubnet(fixed), "one"));

  EXPECT_FALSE(IsFixed(space));
  EXPECT_EQ(again.structure(), fixed.structure());
}

// A block that expands by 1 beside others that expand by more has a convolution of its own.
TEST(FixedSpaceTest, ExpansionByOneKeepsItsConvolution) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const arch::SearchSpace space,
      arch::SearchSpace::FromTextproto(
          "name: 's' input_channels: 3 num_classes: 10 resolutions { value: 32 } stem { width: 8 } "
          "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: [1, 2] } head {}"));

  for (const arch::Subnet& subnet : {arch::MinSubnet(space), arch::MaxSubnet(space)}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fixed, FixedSpace(space, subnet, "one"));

    EXPECT_TRUE(IsFixed(fixed));
    EXPECT_EQ(arch::CountMacs(arch::BuildGraph(fixed, arch::MaxSubnet(fixed))),
              arch::CountMacs(arch::BuildGraph(space, subnet)));
  }
}

TEST(FixedSpaceTest, MoreBlocksThanStagesAreRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const arch::SearchSpace space,
      arch::SearchSpace::FromTextproto(
          "name: 's' input_channels: 3 num_classes: 10 resolutions { value: 32 } stem { width: 8 } "
          "stages { width: 8 depths: 16 kernel_sizes: 3 expand_ratios: 2 } "
          "stages { width: 16 depths: 16 kernel_sizes: 3 expand_ratios: 2 } "
          "stages { width: 24 depths: 1 kernel_sizes: 3 expand_ratios: 2 } head {}"));

  EXPECT_THAT(FixedSpace(space, arch::MaxSubnet(space), "one"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
}

TEST(FixedSpaceTest, FinerWidthsStay) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const arch::SearchSpace space,
      arch::SearchSpace::FromTextproto(
          "name: 's' input_channels: 1 num_classes: 3 resolutions { value: 32 height: 20 } "
          "width_mults: [0.3, 1] channel_multiple: 2 stem { width: 12 } "
          "stages { width: 18 depths: [1, 2] kernel_sizes: 3 expand_ratios: [2, 3] } "
          "head { feature_mix_width: 50 }"));
  Random random(3);

  for (int i = 0; i < 8; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fixed, FixedSpace(space, subnet, "one"));
    EXPECT_EQ(arch::CountParams(arch::BuildGraph(fixed, arch::MaxSubnet(fixed))),
              arch::CountParams(arch::BuildGraph(space, subnet)));
  }
}

}  // namespace
}  // namespace niwaki::interchange
