#include "libs/base/random.h"

#include <set>

#include "gtest/gtest.h"

namespace niwaki {
namespace {

TEST(RandomTest, SameSeedGivesSameDraws) {
  Random a(7);
  Random b(7);

  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Next(), b.Next());
}

TEST(RandomTest, FirstDrawsAreFixedForever) {
  Random random(0);

  EXPECT_EQ(random.Next(), 0xE220A8397B1DCDAFu);
  EXPECT_EQ(random.Next(), 0x6E789E6AA1B965F4u);
}

TEST(RandomTest, UniformCoversItsRange) {
  Random random(1);
  std::set<uint64_t> seen;

  for (int i = 0; i < 200; ++i) seen.insert(random.Uniform(5));

  EXPECT_EQ(seen, (std::set<uint64_t>{0, 1, 2, 3, 4}));
}

TEST(RandomTest, NormalHasUnitDeviation) {
  constexpr int kDraws = 20000;
  Random random(2);
  double sum = 0;
  double squares = 0;

  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Normal();
    sum += x;
    squares += x * x;
  }

  EXPECT_NEAR(sum / kDraws, 0.0, 0.03);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.05);
}

TEST(RandomTest, UuidIsVersionFour) {
  const std::string uuid = NewUuid();

  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_NE(NewUuid(), uuid);
}

}  // namespace
}  // namespace niwaki
