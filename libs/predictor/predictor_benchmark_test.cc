#include "libs/predictor/predictor_benchmark.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/score_table.h"

namespace niwaki::predictor {
namespace {

// How a made-up accuracy comes about.
enum class Law {
  // Every choice has an effect of its own, and that is all: what linear regression on choices is
  // made for.
  kChoices,
  // More arithmetic is better, the less so the more there is, and kernels count a little.
  kArithmetic,
};

struct Case {
  std::string space;
  Law law;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.space << (one.law == Law::kChoices ? " choices" : " arithmetic");
}

ScoreTable MakeTable(const arch::SearchSpace& space, Law law, int rows, uint64_t seed) {
  constexpr double kNoise = 0.004;
  Random random(seed);
  std::vector<std::vector<double>> effects;
  for (const int values : space.gene_sizes()) {
    effects.emplace_back();
    for (int v = 0; v < values; ++v) effects.back().push_back(0.01 * random.Normal());
  }
  ScoreTable table;
  for (int i = 0; i < rows; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    double top1 = 0.7;
    if (law == Law::kChoices) {
      for (size_t g = 0; g < subnet.genes.size(); ++g) top1 += effects[g][subnet.genes[g]];
    } else {
      const double macs =
          static_cast<double>(arch::CountMacs(arch::BuildGraph(space, subnet))) / 1e6;
      top1 = 0.9 - 0.3 * std::pow(1 + macs, -0.5);
      for (size_t g = 0; g < subnet.genes.size(); ++g) top1 += 0.1 * effects[g][subnet.genes[g]];
    }
    table.subnets.push_back(subnet);
    table.top1.push_back(std::min(std::max(top1 + kNoise * random.Normal(), 0.0), 1.0));
  }
  return table;
}

class PredictorSizesTest : public ::testing::TestWithParam<Case> {};

TEST_P(PredictorSizesTest, MoreScoresAreNoWorseAndLinearIsNotBetter) {
  // Of means of three draws.
  constexpr double kNoise = 0.01;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::CatalogueSpace(GetParam().space));
  const ScoreTable table = MakeTable(space, GetParam().law, 900, /*seed=*/1);

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::vector<SizeFigures> sizes,
      MeasureSizes(space, table, 300, /*draws=*/3, {30, 60, 100, 150, 200, 300, 600}));

  ASSERT_EQ(sizes.size(), 7);
  for (size_t i = 0; i < sizes.size(); ++i) {
    const SizeFigures& own = sizes[i];
    SCOPED_TRACE(own.scores);
    std::printf("%4d scores: kendall %.4f within %.4f, linear %.4f %.4f, %.2f s\n", own.scores,
                own.kendall, own.within, own.linear_kendall, own.linear_within, own.seconds);
    EXPECT_GT(own.kendall, own.linear_kendall - kNoise);
    EXPECT_GT(own.within, own.linear_within - kNoise);
    // Without sessions it is the same figure.
    EXPECT_EQ(own.session, own.within);
    if (i == 0) continue;
    EXPECT_GT(own.kendall, sizes[i - 1].kendall - kNoise);
    EXPECT_GT(own.within, sizes[i - 1].within - kNoise);
  }
  EXPECT_GT(sizes.back().kendall, 0.75);
}

INSTANTIATE_TEST_SUITE_P(Spaces, PredictorSizesTest,
                         ::testing::Values(Case{"kws", Law::kChoices},
                                           Case{"kws", Law::kArithmetic},
                                           Case{"cifar32", Law::kChoices},
                                           Case{"cifar32", Law::kArithmetic},
                                           Case{"mcunet", Law::kArithmetic}));

TEST(PredictorBenchmarkTest, SizesAreCutDownToTheTable) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  const ScoreTable table = MakeTable(space, Law::kArithmetic, 80, /*seed=*/2);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<SizeFigures> sizes,
                              MeasureSizes(space, table, 30, /*draws=*/1, {20, 5000}));

  ASSERT_EQ(sizes.size(), 2);
  EXPECT_EQ(sizes[0].scores, 20);
  EXPECT_EQ(sizes[1].scores, 50);
}

}  // namespace
}  // namespace niwaki::predictor
