#include "libs/search/front/pareto_front.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::pair<Objectives, int64_t>> ContentOf(const ParetoFront& front) {
  std::vector<std::pair<Objectives, int64_t>> content;
  for (const ParetoFront::Point& point : front.points()) {
    content.emplace_back(point.objectives, point.slot);
  }
  return content;
}

// Quadratic, straight from the definition.
std::vector<std::pair<Objectives, int64_t>> FrontByComparison(
    const std::vector<ParetoFront::Point>& points) {
  std::map<Objectives, int64_t> front;
  for (const ParetoFront::Point& point : points) {
    const bool dominated = std::any_of(points.begin(), points.end(), [&](const auto& other) {
      return Dominates(other.objectives, point.objectives);
    });
    if (dominated) continue;
    const auto [it, added] = front.emplace(point.objectives, point.slot);
    if (!added) it->second = std::min(it->second, point.slot);
  }
  return {front.begin(), front.end()};
}

std::vector<ParetoFront::Point> RandomPoints(Random& random, int num_objectives) {
  const uint64_t values = 2 + random.Uniform(40);
  std::vector<ParetoFront::Point> points(random.Uniform(200));
  for (size_t i = 0; i < points.size(); ++i) {
    points[i].slot = static_cast<int64_t>(i);
    for (int m = 0; m < num_objectives; ++m) {
      points[i].objectives.push_back(static_cast<double>(random.Uniform(values)) - 10);
    }
  }
  for (size_t i = points.size(); i > 1; --i) std::swap(points[i - 1], points[random.Uniform(i)]);
  return points;
}

TEST(ParetoFrontTest, EqualsComparisonOfAllPointsInAnyOrder) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const int num_objectives = 1 + static_cast<int>(random.Uniform(4));
    const std::vector<ParetoFront::Point> points = RandomPoints(random, num_objectives);
    ParetoFront front(num_objectives);
    for (const ParetoFront::Point& point : points) front.Insert(point.slot, point.objectives);
    EXPECT_EQ(ContentOf(front), FrontByComparison(points));
  }
}

TEST(ParetoFrontTest, InsertionsReportEveryChange) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const int num_objectives = 1 + static_cast<int>(random.Uniform(4));
    ParetoFront front(num_objectives);
    std::set<int64_t> tracked;
    for (const ParetoFront::Point& point : RandomPoints(random, num_objectives)) {
      const ParetoFront::Insertion insertion = front.Insert(point.slot, point.objectives);
      for (const int64_t slot : insertion.removed) EXPECT_EQ(tracked.erase(slot), 1u);
      if (insertion.inserted) tracked.insert(point.slot);
      std::set<int64_t> slots;
      for (const auto& [objectives, slot] : ContentOf(front)) slots.insert(slot);
      ASSERT_EQ(tracked, slots);
    }
  }
}

TEST(ParetoFrontTest, DominatedPointStaysOut) {
  ParetoFront front(2);
  front.Insert(0, {1, 1});

  const ParetoFront::Insertion insertion = front.Insert(1, {1, 2});

  EXPECT_FALSE(insertion.inserted);
  EXPECT_THAT(insertion.removed, IsEmpty());
  EXPECT_EQ(front.size(), 1u);
}

TEST(ParetoFrontTest, BetterPointRemovesAllItDominates) {
  ParetoFront front(2);
  front.Insert(0, {1, 9});
  front.Insert(1, {5, 5});
  front.Insert(2, {6, 4});
  front.Insert(3, {9, 1});

  const ParetoFront::Insertion insertion = front.Insert(4, {5, 4});

  EXPECT_TRUE(insertion.inserted);
  EXPECT_THAT(insertion.removed, ElementsAre(1, 2));
}

TEST(ParetoFrontTest, EqualPointsKeepSmallestSlot) {
  ParetoFront front(2);
  front.Insert(5, {1, 1});

  EXPECT_FALSE(front.Insert(7, {1, 1}).inserted);
  const ParetoFront::Insertion earlier = front.Insert(2, {1, 1});

  EXPECT_TRUE(earlier.inserted);
  EXPECT_THAT(earlier.removed, ElementsAre(5));
  EXPECT_EQ(front.points()[0].slot, 2);
}

TEST(ParetoFrontTest, HoldsLargeFronts) {
  constexpr int kPoints = 20'000;
  ParetoFront front(2);
  for (int i = 0; i < kPoints; ++i) {
    // A walk over all points in scattered order.
    const double x = static_cast<double>((i * 7919LL) % kPoints);
    ASSERT_TRUE(front.Insert(i, {x, kPoints - x}).inserted);
  }
  EXPECT_EQ(front.size(), static_cast<size_t>(kPoints));
}

}  // namespace
}  // namespace niwaki::search
