#include "libs/predictor/structured/feature_basis.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

std::vector<arch::Subnet> Sample(const arch::SearchSpace& space, int count, uint64_t seed) {
  std::vector<arch::Subnet> subnets;
  Random random(seed);
  for (int i = 0; i < count; ++i) subnets.push_back(arch::SampleSubnet(space, random));
  return subnets;
}

TEST(FeatureBasisTest, CoordinatesAreNormalised) {
  for (const std::string name : {"kws", "ofa_mbv3_w10", "mcunet", "ofa_resnet50"}) {
    SCOPED_TRACE(name);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    const std::vector<arch::Subnet> sample = Sample(space, 400, 1);

    const FeatureBasis basis(space, sample);

    std::vector<double> sum(basis.num_coordinates());
    std::vector<double> square(basis.num_coordinates());
    for (const arch::Subnet& subnet : sample) {
      const std::vector<double> coordinates = basis.Coordinates(subnet);
      for (size_t i = 0; i < coordinates.size(); ++i) {
        sum[i] += coordinates[i] / sample.size();
        square[i] += coordinates[i] * coordinates[i] / sample.size();
      }
    }
    for (size_t i = 0; i < sum.size(); ++i) {
      EXPECT_NEAR(sum[i], 0, 1e-9) << i;
      EXPECT_NEAR(square[i], basis.normalisation().deviation[i] > 0 ? 1 : 0, 1e-9) << i;
    }
  }
}

TEST(FeatureBasisTest, InactiveBlocksHaveNoFeatures) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));
  const FeatureBasis basis(space, Sample(space, 100, 2));
  std::vector<double> features(basis.size());

  basis.Write(arch::MinSubnet(space), features.data());

  int choices = 0;
  for (int i = 0; i < basis.first_product(); ++i)
    choices += FeatureBasis::IsChoice(basis.groups()[i]) && features[i] == 1;
  // Resolution, five depths, and two genes of two blocks in five stages.
  EXPECT_EQ(choices, 1 + 5 + 20);
}

TEST(FeatureBasisTest, ChoicesAreOneHot) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const FeatureBasis basis(space, Sample(space, 100, 3));
  std::vector<double> features(basis.size());

  // Every gene of the largest subnet is active.
  basis.Write(arch::MaxSubnet(space), features.data());

  int ones = 0;
  for (int i = 0; i < basis.first_product(); ++i) {
    if (!FeatureBasis::IsChoice(basis.groups()[i])) continue;
    EXPECT_TRUE(features[i] == 0 || features[i] == 1) << i;
    ones += features[i] == 1;
  }
  int genes = 0;
  for (const auto size : space.gene_sizes()) genes += size > 1;
  EXPECT_EQ(ones, genes);
}

// Choices of different kinds are held back apart, and every group has an expectation.
TEST(FeatureBasisTest, GroupsTellKindsOfChoicesApart) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const FeatureBasis basis(space, Sample(space, 100, 3));
  const std::vector<double> shares = FeatureBasis::ExpectedShares();
  std::set<int> choices;
  for (const int group : basis.groups()) {
    ASSERT_LT(group, static_cast<int>(shares.size()));
    EXPECT_GT(shares[group], 0);
    if (FeatureBasis::IsChoice(group)) choices.insert(group);
  }
  // Of the network, of depths, of kernels, of expand ratios.
  EXPECT_EQ(choices.size(), 4);
  for (int i = basis.first_product(); i < basis.size(); ++i) {
    EXPECT_FALSE(FeatureBasis::IsChoice(basis.groups()[i])) << i;
  }
}

TEST(FeatureBasisTest, ProductsAreThoseOfTheirCoordinates) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const std::vector<arch::Subnet> sample = Sample(space, 100, 4);
  const FeatureBasis basis(space, sample);
  ASSERT_FALSE(basis.products().empty());

  for (const arch::Subnet& subnet : {sample[0], sample[1], arch::MinSubnet(space)}) {
    const std::vector<double> coordinates = basis.Coordinates(subnet);
    std::vector<double> features(basis.size());
    basis.Write(subnet, features.data());
    for (size_t i = 0; i < basis.products().size(); ++i) {
      double product = 1;
      for (const int coordinate : basis.products()[i]) {
        if (coordinate >= 0) product *= coordinates[coordinate];
      }
      EXPECT_NEAR(features[basis.first_product() + i], product, 1e-12) << i;
    }
  }
}

TEST(FeatureBasisTest, ANormalisationKeptGivesTheSameFeatures) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const std::vector<arch::Subnet> sample = Sample(space, 100, 5);
  const FeatureBasis made(space, sample);

  const FeatureBasis kept(space, made.normalisation());

  ASSERT_EQ(kept.size(), made.size());
  EXPECT_EQ(kept.groups(), made.groups());
  std::vector<double> expected(made.size()), features(kept.size());
  made.Write(sample[7], expected.data());
  kept.Write(sample[7], features.data());
  EXPECT_EQ(features, expected);
  EXPECT_EQ(made.normalisation().mean.size(),
            static_cast<size_t>(FeatureBasis::NumCoordinates(space)));
}

}  // namespace
}  // namespace niwaki::predictor
