#include "libs/predictor/structured/structured_predictor.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/structured/evidence_regression.h"

namespace niwaki::predictor {
namespace {

std::vector<arch::Subnet> Sample(const arch::SearchSpace& space, int count, uint64_t seed) {
  std::vector<arch::Subnet> subnets;
  Random random(seed);
  for (int i = 0; i < count; ++i) subnets.push_back(arch::SampleSubnet(space, random));
  return subnets;
}

// Two subnets that differ in one gene are different to the basis: as choices, in the coordinates,
// and so to a predictor.
TEST(StructuredPredictorTest, EveryGeneOfAResNetCounts) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_resnet50"));
  const FeatureBasis basis(space, Sample(space, 200, 6));
  const arch::Subnet least = arch::MinSubnet(space);
  std::vector<double> weights(basis.size(), 0);
  Random random(7);
  for (int i = basis.first_product(); i < basis.size(); ++i) weights[i] = random.Normal();
  const StructuredPredictor predictor(space, basis, 0.5, weights);
  const std::vector<double> coordinates = basis.Coordinates(least);
  std::vector<double> features(basis.size());
  basis.Write(least, features.data());

  int changed = 0;
  for (int gene = 0; gene < space.layout().num_genes; ++gene) {
    if (space.gene_sizes()[gene] < 2) continue;
    arch::Subnet subnet = least;
    subnet.genes[gene] = 1;
    arch::Canonicalise(space, subnet);
    if (subnet == least) continue;
    SCOPED_TRACE(gene);
    ++changed;
    EXPECT_NE(basis.Coordinates(subnet), coordinates);
    std::vector<double> other(basis.size());
    basis.Write(subnet, other.data());
    EXPECT_FALSE(
        std::equal(features.begin(), features.begin() + basis.first_product(), other.begin()));
    const std::vector<arch::Subnet> both = {least, subnet};
    std::vector<double> top1(2);
    predictor.Predict(both, absl::MakeSpan(top1));
    EXPECT_GT(std::abs(top1[1] - top1[0]), 1e-6);
  }
  // Resolution, six widths, the stem, four depths and the expand ratios of the ten active blocks.
  EXPECT_EQ(changed, 1 + 6 + 1 + 4 + 10);
}

TEST(StructuredPredictorTest, TablesEqualTheLinearModel) {
  for (const std::string name :
       {"kws", "ofa_mbv3_w10", "ofa_proxyless_w13", "mcunet", "ofa_resnet50"}) {
    SCOPED_TRACE(name);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    FeatureBasis basis(space, Sample(space, 100, 3));
    Random random(4);
    LinearFit fit;
    fit.intercept = 0.5;
    for (int i = 0; i < basis.size(); ++i) fit.weights.push_back(random.Normal());
    const StructuredPredictor predictor(space, basis, fit.intercept, fit.weights);
    const std::vector<arch::Subnet> subnets = Sample(space, 300, 5);
    std::vector<double> top1(subnets.size());
    std::vector<double> features(basis.size());

    predictor.Predict(subnets, absl::MakeSpan(top1));

    for (size_t i = 0; i < subnets.size(); ++i) {
      basis.Write(subnets[i], features.data());
      const double expected = fit.Predict(features.data());
      ASSERT_NEAR(top1[i], expected, 1e-9 * (1 + std::abs(expected))) << i;
    }
  }
}

}  // namespace
}  // namespace niwaki::predictor
