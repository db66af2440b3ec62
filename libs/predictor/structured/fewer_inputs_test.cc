#include "libs/predictor/structured/fewer_inputs.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/structured/feature_basis.h"
#include "libs/predictor/structured/structured_predictor.h"

namespace niwaki::predictor {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(FewerInputsTest, FindsInputsByAllThatTheyAre) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_resnet50"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fewer,
                              arch::WithResolutions(space, {144, 256}));
  std::vector<arch::Resolution> wide = space.resolutions();
  for (arch::Resolution& input : wide) input.width *= 2;

  EXPECT_THAT(FindInputs(fewer, space.resolutions()), Optional(ElementsAre(1, 7)));
  EXPECT_EQ(FindInputs(space, fewer.resolutions()), std::nullopt);
  EXPECT_EQ(FindInputs(space, wide), std::nullopt);
}

struct Case {
  const char* space;
  std::vector<int> sizes;
};

class KeepInputsTest : public ::testing::TestWithParam<Case> {};

TEST_P(KeepInputsTest, PredictsTheSame) {
  constexpr int kSubnets = 100;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::CatalogueSpace(GetParam().space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fewer,
                              arch::WithResolutions(space, GetParam().sizes));
  Random random(1);
  std::vector<arch::Subnet> sample;
  for (int i = 0; i < kSubnets; ++i) sample.push_back(arch::SampleSubnet(space, random));
  const FeatureBasis basis(space, sample);
  LinearModel model{0.5, {}};
  for (int i = 0; i < basis.size(); ++i) model.weights.push_back(random.Normal());
  const StructuredPredictor whole(space, basis, model.intercept, model.weights);

  const auto kept = FindInputs(fewer, space.resolutions());
  ASSERT_TRUE(kept.has_value());
  LinearModel part = KeepInputs(*kept, static_cast<int>(space.resolutions().size()), model);
  const StructuredPredictor restricted(fewer, FeatureBasis(fewer, basis.normalisation()),
                                       part.intercept, std::move(part.weights));

  std::vector<arch::Subnet> of_fewer, of_space;
  for (int i = 0; i < kSubnets; ++i) {
    of_fewer.push_back(arch::SampleSubnet(fewer, random));
    NIWAKI_ASSERT_OK_AND_ASSIGN(arch::Subnet same,
                                arch::SubnetFromJson(space, arch::ToJson(fewer, of_fewer.back())));
    of_space.push_back(std::move(same));
  }
  std::vector<double> actual(kSubnets), expected(kSubnets);
  restricted.Predict(of_fewer, absl::MakeSpan(actual));
  whole.Predict(of_space, absl::MakeSpan(expected));
  for (int i = 0; i < kSubnets; ++i) {
    EXPECT_NEAR(actual[i], expected[i], 1e-9 * (1 + std::abs(expected[i]))) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Spaces, KeepInputsTest,
    ::testing::Values(Case{"ofa_resnet50", {160}}, Case{"ofa_resnet50", {128, 224}},
                      Case{"ofa_mbv3_w12", {192}}, Case{"mcunet", {48, 96, 176}},
                      Case{"ofa_resnet50", {128, 144, 160, 176, 192, 224, 240, 256}}));

TEST(FewerInputsTest, SpaceOfOneInputKeepsIt) {
  const LinearModel model = KeepInputs({0}, 1, {2, {3, 4}});

  EXPECT_EQ(model.intercept, 2);
  EXPECT_THAT(model.weights, ElementsAre(3, 4));
}

}  // namespace
}  // namespace niwaki::predictor
