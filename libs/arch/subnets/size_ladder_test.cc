#include "libs/arch/subnets/size_ladder.h"

#include <cmath>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

TEST(SizeLadderTest, GoesFromTheSmallestToTheLargestInEqualRatios) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, LoadSpace("cifar32"));

  const std::vector<Subnet> ladder = SizeLadder(space, 6, 7);

  ASSERT_EQ(ladder.size(), 6);
  EXPECT_EQ(ladder.front(), MinSubnet(space));
  EXPECT_EQ(ladder.back(), MaxSubnet(space));
  std::vector<double> logs;
  for (const Subnet& subnet : ladder) {
    logs.push_back(std::log(static_cast<double>(CountMacs(BuildGraph(space, subnet)))));
  }
  const double step = (logs.back() - logs.front()) / 5;
  for (size_t i = 1; i < logs.size(); ++i) EXPECT_NEAR(logs[i] - logs[i - 1], step, 0.1 * step);
  EXPECT_EQ(SizeLadder(space, 6, 7), ladder);
}

TEST(SizeLadderTest, HasNoSubnetTwice) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const SearchSpace two,
      SearchSpace::FromTextproto(R"(name: "two" input_channels: 1 num_classes: 2
                                    resolutions { value: 8 }
                                    stem { width: 8 kernel_size: 3 stride: 1 }
                                    stages { width: 8 stride: 1 depths: [1] kernel_sizes: [3, 5]
                                             expand_ratios: [3] }
                                    head {})"));

  EXPECT_EQ(SizeLadder(two, 6, 1), std::vector<Subnet>({MinSubnet(two), MaxSubnet(two)}));
}

TEST(SizeLadderTest, OfOneNetworkIsOneRung) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const SearchSpace one,
      SearchSpace::FromTextproto(R"(name: "one" input_channels: 1 num_classes: 2
                                    resolutions { value: 8 }
                                    stem { width: 8 kernel_size: 3 stride: 1 }
                                    stages { width: 8 stride: 1 depths: [1] kernel_sizes: [3]
                                             expand_ratios: [3] }
                                    head {})"));

  EXPECT_EQ(SizeLadder(one, 2, 1).size(), 1);
}

}  // namespace
}  // namespace niwaki::arch
