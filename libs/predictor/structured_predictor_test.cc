#include "libs/predictor/structured_predictor.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/evidence_regression.h"

namespace niwaki::predictor {
namespace {

std::vector<arch::Subnet> Sample(const arch::SearchSpace& space, int count, uint64_t seed) {
  std::vector<arch::Subnet> subnets;
  Random random(seed);
  for (int i = 0; i < count; ++i) subnets.push_back(arch::SampleSubnet(space, random));
  return subnets;
}

TEST(FeatureBasisTest, CoordinatesAreNormalised) {
  for (const std::string name : {"kws", "ofa_mbv3_w10", "mcunet"}) {
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
    choices += basis.groups()[i] == 0 && features[i] == 1;
  // Resolution, five depths, and two genes of two blocks in five stages.
  EXPECT_EQ(choices, 1 + 5 + 20);
}

TEST(StructuredPredictorTest, TablesEqualTheLinearModel) {
  for (const std::string name : {"kws", "ofa_mbv3_w10", "ofa_proxyless_w13", "mcunet"}) {
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
