#include "libs/arch/subnet.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

constexpr uint64_t kSeed = 190809;

constexpr char kTinyText[] = R"(
    name: "tiny" input_channels: 3 num_classes: 10
    resolutions { value: 16 } resolutions { value: 24 } width_mults: [0.5, 1.0]
    stem { width: 16 }
    stages { width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 1 }
    stages { width: 24 stride: 2 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: [3, 6] }
    stages { width: 40 stride: 2 depths: [1, 3] kernel_sizes: [3] expand_ratios: [3, 4] })";

// The property holds for every space of the catalogue.
class SubnetPropertyTest : public ::testing::TestWithParam<std::string> {
 protected:
  SubnetPropertyTest() : space_(*CatalogueSpace(GetParam())), random_(kSeed) {
    RecordProperty("seed", std::to_string(kSeed));
  }

  void ExpectInSpaceAndCanonical(const Subnet& subnet) {
    NIWAKI_ASSERT_OK(Validate(space_, subnet)) << "seed " << kSeed;
    Subnet canonical = subnet;
    Canonicalise(space_, canonical);
    ASSERT_EQ(canonical, subnet) << "seed " << kSeed;
  }

  SearchSpace space_;
  Random random_;
};

TEST_P(SubnetPropertyTest, SamplesStayInSpace) {
  for (int i = 0; i < 2000; ++i) ExpectInSpaceAndCanonical(SampleSubnet(space_, random_));
}

TEST_P(SubnetPropertyTest, MutantsStayInSpace) {
  Subnet subnet = SampleSubnet(space_, random_);
  for (int i = 0; i < 2000; ++i) {
    subnet = MutateSubnet(space_, subnet, MutateOptions(), random_);
    ExpectInSpaceAndCanonical(subnet);
  }
}

TEST_P(SubnetPropertyTest, CrossoversStayInSpace) {
  for (int i = 0; i < 2000; ++i) {
    const Subnet a = SampleSubnet(space_, random_);
    const Subnet b = SampleSubnet(space_, random_);
    ExpectInSpaceAndCanonical(CrossoverSubnets(space_, a, b, random_));
  }
}

TEST_P(SubnetPropertyTest, CrossoverTakesActiveBlocksFromAParent) {
  for (int i = 0; i < 500; ++i) {
    const Subnet a = SampleSubnet(space_, random_);
    const Subnet b = SampleSubnet(space_, random_);
    const Subnet child = CrossoverSubnets(space_, a, b, random_);
    for (size_t s = 0; s < space_.stages().size(); ++s) {
      const int stage = static_cast<int>(s);
      const int depth = DepthOf(space_, child, stage);
      ASSERT_TRUE(depth == DepthOf(space_, a, stage) || depth == DepthOf(space_, b, stage));
      for (int block = 0; block < depth; ++block) {
        const int kernel_size = KernelSizeOf(space_, child, stage, block);
        const bool from_a = block < DepthOf(space_, a, stage) &&
                            kernel_size == KernelSizeOf(space_, a, stage, block);
        const bool from_b = block < DepthOf(space_, b, stage) &&
                            kernel_size == KernelSizeOf(space_, b, stage, block);
        ASSERT_TRUE(from_a || from_b) << "seed " << kSeed << " i " << i;
      }
    }
  }
}

TEST_P(SubnetPropertyTest, JsonRoundTrips) {
  for (int i = 0; i < 500; ++i) {
    const Subnet subnet = SampleSubnet(space_, random_);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Subnet again, SubnetFromJson(space_, ToJson(space_, subnet)));
    EXPECT_EQ(again, subnet) << "seed " << kSeed;
  }
}

TEST_P(SubnetPropertyTest, DifferentNetworksHaveDifferentIds) {
  absl::flat_hash_map<SubnetId, Subnet> by_id;
  for (int i = 0; i < 100000; ++i) {
    const Subnet subnet = SampleSubnet(space_, random_);
    const auto [it, inserted] = by_id.emplace(IdOf(space_, subnet), subnet);
    ASSERT_EQ(it->second, subnet) << "seed " << kSeed;
  }
  EXPECT_GT(by_id.size(), 90000);
}

TEST_P(SubnetPropertyTest, MaxAndMinAreExtremeInMacs) {
  Graph graph;
  const auto macs = [&](const Subnet& subnet) {
    BuildGraphInto(space_, subnet, graph);
    return CountMacs(graph);
  };
  const int64_t least = macs(MinSubnet(space_));
  const int64_t most = macs(MaxSubnet(space_));
  ExpectInSpaceAndCanonical(MinSubnet(space_));
  ExpectInSpaceAndCanonical(MaxSubnet(space_));

  for (int i = 0; i < 2000; ++i) {
    const int64_t between = macs(SampleSubnet(space_, random_));
    ASSERT_LE(least, between) << "seed " << kSeed;
    ASSERT_GE(most, between) << "seed " << kSeed;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, SubnetPropertyTest, ::testing::ValuesIn(CatalogueNames()),
                         [](const auto& info) { return info.param; });

class SubnetTest : public ::testing::Test {
 protected:
  SearchSpace space_ = *SearchSpace::FromTextproto(kTinyText);
  Random random_{kSeed};
};

// Every combination of genes, canonicalised.
absl::flat_hash_set<Subnet> EnumerateAll(const SearchSpace& space) {
  absl::flat_hash_set<Subnet> all;
  Subnet counter = MinSubnet(space);
  while (true) {
    Subnet subnet = counter;
    Canonicalise(space, subnet);
    all.insert(subnet);
    size_t gene = 0;
    while (gene < counter.genes.size() && ++counter.genes[gene] == space.gene_sizes()[gene]) {
      counter.genes[gene++] = 0;
    }
    if (gene == counter.genes.size()) return all;
  }
}

TEST_F(SubnetTest, SizeMatchesEnumeration) {
  const absl::flat_hash_set<Subnet> all = EnumerateAll(space_);
  absl::flat_hash_set<SubnetId> ids;
  for (const Subnet& subnet : all) ids.insert(IdOf(space_, subnet));

  EXPECT_EQ(all.size(), 2 * 2 * (4 + 16) * (2 + 8));
  EXPECT_EQ(space_.Size(), all.size());
  EXPECT_EQ(ids.size(), all.size());
}

TEST_F(SubnetTest, SamplingReachesEverySubnet) {
  absl::flat_hash_set<Subnet> seen;
  for (int i = 0; i < 40000; ++i) seen.insert(SampleSubnet(space_, random_));

  EXPECT_EQ(seen.size(), space_.Size());
}

TEST_F(SubnetTest, GenesAreDrawnUniformly) {
  std::map<int, int> depths;
  for (int i = 0; i < 10000; ++i) ++depths[DepthOf(space_, SampleSubnet(space_, random_), 2)];

  EXPECT_NEAR(depths[1], 5000, 250);
  EXPECT_NEAR(depths[3], 5000, 250);
}

TEST_F(SubnetTest, InactiveGenesDoNotChangeTheId) {
  Subnet shallow = MaxSubnet(space_);
  shallow.genes[space_.layout().stages[0].depth] = 0;
  Subnet other = shallow;
  other.genes[space_.layout().kernel_sizes + 2] = 0;
  ASSERT_NE(shallow, other);

  Canonicalise(space_, shallow);
  Canonicalise(space_, other);

  EXPECT_EQ(shallow, other);
  EXPECT_EQ(IdOf(space_, shallow), IdOf(space_, other));
}

TEST_F(SubnetTest, IdDependsOnTheStructure) {
  const SearchSpace other = space_.WithNumClasses(11);

  EXPECT_NE(IdOf(space_, MaxSubnet(space_)), IdOf(other, MaxSubnet(other)));
}

TEST_F(SubnetTest, IdIsTheSameEverywhere) {
  // Stored in databases: a change of this value makes them unreadable.
  EXPECT_EQ(IdOf(space_, MaxSubnet(space_)).ToHex(), "add77a62cfe784b224c67c1678ac7ba1");
}

TEST_F(SubnetTest, AccessorsReadTheChoices) {
  const Subnet max = MaxSubnet(space_);
  const Subnet min = MinSubnet(space_);

  EXPECT_EQ(ResolutionOf(space_, max).value, 24);
  EXPECT_EQ(WidthMultOf(space_, min), 0.5);
  EXPECT_EQ(DepthOf(space_, max, 0), 1);
  EXPECT_EQ(KernelSizeOf(space_, max, 0, 0), 3);
  EXPECT_EQ(ExpandRatioOf(space_, max, 0, 0), 1);
  EXPECT_EQ(DepthOf(space_, max, 2), 3);
  EXPECT_EQ(DepthOf(space_, min, 2), 1);
  EXPECT_EQ(KernelSizeOf(space_, max, 1, 1), 5);
  EXPECT_EQ(ExpandRatioOf(space_, max, 2, 2), 4);
}

TEST_F(SubnetTest, MutationWithoutProbabilityIsTheParent) {
  MutateOptions options;
  options.probability = 0;
  options.resolution_probability = 0;
  for (int i = 0; i < 100; ++i) {
    const Subnet parent = SampleSubnet(space_, random_);

    EXPECT_EQ(MutateSubnet(space_, parent, options, random_), parent);
  }
}

TEST_F(SubnetTest, MutationDrawsBlocksThatAreSwitchedOn) {
  MutateOptions options;
  options.probability = 0.5;
  std::map<double, int> ratios;
  for (int i = 0; i < 4000; ++i) {
    const Subnet child = MutateSubnet(space_, MinSubnet(space_), options, random_);
    if (DepthOf(space_, child, 2) == 3) ++ratios[ExpandRatioOf(space_, child, 2, 2)];
  }

  const double total = ratios[3] + ratios[4];
  EXPECT_GT(total, 500);
  EXPECT_NEAR(ratios[3] / total, 0.5, 0.07) << "seed " << kSeed;
}

TEST_F(SubnetTest, SameSeedGivesTheSameSubnets) {
  Random a(kSeed);
  Random b(kSeed);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(SampleSubnet(space_, a), SampleSubnet(space_, b));
}

TEST_F(SubnetTest, WrongNumberOfGenesIsInvalid) {
  Subnet subnet = MaxSubnet(space_);
  subnet.genes.pop_back();

  const absl::Status status = Validate(space_, subnet);

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  EXPECT_EQ(GetErrorDetail(status)->field, "genes");
  EXPECT_EQ(GetErrorDetail(status)->limit, std::to_string(space_.layout().num_genes));
}

TEST_F(SubnetTest, GeneBeyondItsChoicesIsInvalid) {
  Subnet subnet = MaxSubnet(space_);
  subnet.genes[1] = 2;

  const absl::Status status = Validate(space_, subnet);

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  EXPECT_EQ(GetErrorDetail(status)->field, "genes[1]");
  EXPECT_EQ(GetErrorDetail(status)->value, "2");
  EXPECT_EQ(GetErrorDetail(status)->limit, "0 to 1");
}

}  // namespace
}  // namespace niwaki::arch
