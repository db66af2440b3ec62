#include "libs/finder/predictor_scores.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/accuracy_predictor.h"
#include "libs/search/metric.h"

namespace niwaki::finder {
namespace {

using ::testing::Optional;

// A tenth of the first gene.
class FirstGene : public predictor::AccuracyPredictor {
 public:
  void Predict(absl::Span<const arch::Subnet> subnets, absl::Span<double> top1) const override {
    ASSERT_EQ(subnets.size(), top1.size());
    for (size_t i = 0; i < subnets.size(); ++i) top1[i] = 0.1 * subnets[i].genes[0];
  }
};

std::vector<arch::Subnet> SubnetsOf(const std::vector<uint8_t>& genes) {
  std::vector<arch::Subnet> subnets;
  for (const uint8_t gene : genes) {
    arch::Subnet subnet;
    subnet.genes = {gene};
    subnets.push_back(subnet);
  }
  return subnets;
}

// More, then fewer, then none: what an earlier batch left does not show.
TEST(PredictorScoresTest, EveryBatchHasItsPredictions) {
  const search::ScoreFunction score = PredictorScores(std::make_shared<FirstGene>());
  for (const std::vector<uint8_t>& genes : {std::vector<uint8_t>{3, 1, 2}, std::vector<uint8_t>{7},
                                            std::vector<uint8_t>{}, std::vector<uint8_t>{5, 6}}) {
    const std::vector<arch::Subnet> subnets = SubnetsOf(genes);
    std::vector<search::Metrics> metrics(genes.size());

    NIWAKI_ASSERT_OK(score(subnets, absl::MakeSpan(metrics)));

    for (size_t i = 0; i < genes.size(); ++i) {
      EXPECT_THAT(metrics[i].top1, Optional(0.1 * genes[i]));
    }
  }
}

TEST(PredictorScoresTest, OtherFiguresStay) {
  const search::ScoreFunction score = PredictorScores(std::make_shared<FirstGene>());
  const std::vector<arch::Subnet> subnets = SubnetsOf({4});
  std::vector<search::Metrics> metrics(1);
  metrics[0].macs = 123;

  NIWAKI_ASSERT_OK(score(subnets, absl::MakeSpan(metrics)));

  EXPECT_THAT(metrics[0].macs, Optional(123.0));
  EXPECT_FALSE(metrics[0].top5.has_value());
}

}  // namespace
}  // namespace niwaki::finder
