#include "libs/search/front/non_dominated_sort.h"

#include <algorithm>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::search {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<const Objectives*> PointersTo(const std::vector<Objectives>& points) {
  std::vector<const Objectives*> pointers;
  for (const Objectives& point : points) pointers.push_back(&point);
  return pointers;
}

// By peeling off one front after another.
std::vector<int> RanksByPeeling(const std::vector<Objectives>& points) {
  std::vector<int> ranks(points.size(), -1);
  for (int rank = 0; std::count(ranks.begin(), ranks.end(), -1) > 0; ++rank) {
    std::vector<int> front;
    for (size_t i = 0; i < points.size(); ++i) {
      bool dominated = ranks[i] != -1;
      for (size_t j = 0; j < points.size() && !dominated; ++j) {
        dominated = ranks[j] == -1 && Dominates(points[j], points[i]);
      }
      if (!dominated) front.push_back(static_cast<int>(i));
    }
    for (const int i : front) ranks[i] = rank;
  }
  return ranks;
}

TEST(RankByDominanceTest, EqualsPeelingOnRandomPoints) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const size_t num_objectives = 1 + random.Uniform(4);
    // Few distinct values, so that many points are equal in some or all objectives.
    const uint64_t values = 2 + random.Uniform(30);
    std::vector<Objectives> points(1 + random.Uniform(60), Objectives(num_objectives));
    for (Objectives& point : points) {
      for (double& value : point) value = static_cast<double>(random.Uniform(values));
    }
    EXPECT_EQ(RankByDominance(PointersTo(points)), RanksByPeeling(points));
  }
}

TEST(RankByDominanceTest, EmptyGivesEmpty) { EXPECT_TRUE(RankByDominance({}).empty()); }

TEST(CrowdingDistancesTest, SumsGapsAsShareOfExtent) {
  const std::vector<Objectives> front = {{10, 0}, {0, 10}, {2, 6}, {4, 5}};

  EXPECT_THAT(CrowdingDistances(PointersTo(front)),
              ElementsAre(kInfinity, kInfinity, testing::DoubleEq(0.4 + 0.5),
                          testing::DoubleEq(0.8 + 0.6)));
}

TEST(CrowdingDistancesTest, EqualPointsAreDeterministic) {
  const std::vector<Objectives> front = {{1, 1}, {1, 1}, {1, 1}};

  EXPECT_THAT(CrowdingDistances(PointersTo(front)), ElementsAre(kInfinity, 0, kInfinity));
}

}  // namespace
}  // namespace niwaki::search
