#include "libs/predictor/mlp/mlp_predictor.h"

#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

// Counts ones times `weight`.
Mlp CountingMlp(int inputs, float weight) {
  DenseLayer first;
  first.inputs = inputs;
  first.outputs = 1;
  first.weights.assign(inputs, 1.0f);
  DenseLayer last;
  last.inputs = 1;
  last.outputs = 1;
  last.weights = {weight};
  return *Mlp::Create({first, last});
}

TEST(MlpPredictorTest, PredictsMoreThanAChunkInOrder) {
  constexpr int kSubnets = 2000;
  constexpr double kOffset = 0.5;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder, Encoder::Create(Encoding::kOneHot, space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto predictor,
      MlpPredictor::Create(encoder, CountingMlp(encoder.columns(), 0.25f), kOffset));
  std::vector<arch::Subnet> subnets;
  Random random(1);
  for (int i = 0; i < kSubnets; ++i) subnets.push_back(arch::SampleSubnet(space, random));

  std::vector<double> top1(kSubnets);
  predictor->Predict(subnets, absl::MakeSpan(top1));

  for (int i = 0; i < kSubnets; ++i) {
    SparseRows row;
    encoder.Append(subnets[i], row);
    ASSERT_EQ(top1[i], 0.25 * static_cast<double>(row.columns.size()) + kOffset) << i;
  }
}

TEST(MlpPredictorTest, NetworkForAnotherEncodingIsRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder,
                              Encoder::Create(Encoding::kOfaTutorial, space));

  const auto predictor = MlpPredictor::Create(encoder, CountingMlp(124, 1));

  EXPECT_THAT(predictor, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(predictor, StatusIs(absl::StatusCode::kInvalidArgument,
                                  "the network has 124 inputs, encoding ofa_tutorial has 128"));
}

}  // namespace
}  // namespace niwaki::predictor
