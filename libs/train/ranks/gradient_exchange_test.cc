#include "libs/train/ranks/gradient_exchange.h"

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::pair<int, int>> OrderOf(int n) {
  std::vector<std::pair<int, int>> order;
  PairwiseOrder(n, [&](int into, int from) { order.emplace_back(into, from); });
  return order;
}

TEST(PairwiseOrderTest, NeighboursThenNeighbouringPairs) {
  EXPECT_THAT(OrderOf(0), IsEmpty());
  EXPECT_THAT(OrderOf(1), IsEmpty());
  EXPECT_THAT(OrderOf(2), ElementsAre(Pair(0, 1)));
  EXPECT_THAT(OrderOf(4), ElementsAre(Pair(0, 1), Pair(2, 3), Pair(0, 2)));
  EXPECT_THAT(OrderOf(5), ElementsAre(Pair(0, 1), Pair(2, 3), Pair(0, 2), Pair(0, 4)));
}

TEST(PairwiseOrderTest, EverySummandIsAddedOnceIntoTheFirst) {
  for (int n = 1; n <= 17; ++n) {
    std::vector<int64_t> sums(n);
    for (int i = 0; i < n; ++i) sums[i] = int64_t{1} << i;

    PairwiseOrder(n, [&](int into, int from) { sums[into] += sums[from]; });

    EXPECT_EQ(sums[0], (int64_t{1} << n) - 1) << n;
  }
}

// How the terms are bracketed, not only how often they are added.
TEST(PairwiseOrderTest, PowersOfTwoAreBracketedAsTheirHalves) {
  const auto bracketed = [](int first, int count) {
    std::vector<std::string> terms;
    for (int i = 0; i < count; ++i) terms.push_back(std::to_string(first + i));
    PairwiseOrder(count, [&](int into, int from) {
      terms[into] = "(" + terms[into] + "+" + terms[from] + ")";
    });
    return terms[0];
  };

  for (const int half : {1, 2, 4, 8}) {
    EXPECT_EQ(bracketed(0, 2 * half), "(" + bracketed(0, half) + "+" + bracketed(half, half) + ")");
  }
}

TEST(SingleProcessTest, LeavesValuesAlone) {
  SingleProcess single;
  at::Tensor values = at::tensor({1.0f, 2.0f});

  NIWAKI_EXPECT_OK(single.Sum(values));
  NIWAKI_EXPECT_OK(single.Broadcast(values));

  EXPECT_TRUE(at::equal(values, at::tensor({1.0f, 2.0f})));
  EXPECT_EQ(single.rank(), 0);
  EXPECT_EQ(single.world_size(), 1);
}

}  // namespace
}  // namespace niwaki::train
