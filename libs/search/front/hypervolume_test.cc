#include "libs/search/front/hypervolume.h"

#include <algorithm>
#include <cmath>

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::search {
namespace {

constexpr int kGrid = 6;

// Counts the unit cells of a grid of integer points that some point dominates.
double HypervolumeByCells(const std::vector<Objectives>& points, size_t num_objectives) {
  int cells = 1;
  for (size_t m = 0; m < num_objectives; ++m) cells *= kGrid;
  int covered = 0;
  for (int cell = 0; cell < cells; ++cell) {
    covered += std::any_of(points.begin(), points.end(), [&](const Objectives& point) {
      int rest = cell;
      for (size_t m = 0; m < num_objectives; ++m, rest /= kGrid) {
        if (point[m] > rest % kGrid) return false;
      }
      return true;
    });
  }
  return covered;
}

TEST(HypervolumeTest, EqualsCountOfGridCells) {
  for (uint64_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const size_t num_objectives = 1 + random.Uniform(4);
    std::vector<Objectives> points(random.Uniform(25), Objectives(num_objectives));
    for (Objectives& point : points) {
      // Some lie on or beyond the reference.
      for (double& value : point) value = static_cast<double>(random.Uniform(kGrid + 2));
    }
    const Objectives reference(num_objectives, kGrid);
    EXPECT_DOUBLE_EQ(Hypervolume(points, reference), HypervolumeByCells(points, num_objectives));
  }
}

TEST(HypervolumeTest, AgreesWithMonteCarlo) {
  constexpr int kSamples = 200'000;
  for (size_t num_objectives = 2; num_objectives <= 4; ++num_objectives) {
    SCOPED_TRACE(testing::Message() << num_objectives << " objectives");
    Random random(num_objectives);
    std::vector<Objectives> points(40, Objectives(num_objectives));
    for (Objectives& point : points) {
      for (double& value : point) value = random.UniformDouble();
    }
    int covered = 0;
    Objectives sample(num_objectives);
    for (int i = 0; i < kSamples; ++i) {
      for (double& value : sample) value = random.UniformDouble();
      covered += std::any_of(points.begin(), points.end(),
                             [&](const Objectives& point) { return Dominates(point, sample); });
    }
    // Five standard deviations of a share estimated from the samples.
    const double tolerance = 5 * 0.5 / std::sqrt(static_cast<double>(kSamples));
    EXPECT_NEAR(Hypervolume(points, Objectives(num_objectives, 1.0)),
                static_cast<double>(covered) / kSamples, tolerance);
  }
}

TEST(HypervolumeTest, EmptyFrontHasNone) { EXPECT_EQ(Hypervolume({}, {1, 1}), 0); }

TEST(HypervolumeTest, NegativeObjectivesCount) {
  const std::vector<Objectives> points = {{-0.9, 10}, {-0.5, 5}};
  EXPECT_DOUBLE_EQ(Hypervolume(points, {0, 20}), 0.9 * 10 + 0.5 * 5);
}

}  // namespace
}  // namespace niwaki::search
