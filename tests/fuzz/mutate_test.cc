#include "tests/fuzz/mutate.h"

#include <set>

#include "gtest/gtest.h"

namespace niwaki::fuzz {
namespace {

TEST(MutateTest, SameSeedGivesTheSameInputs) {
  Random first(1);
  Random second(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(Mutate({"abcdef", ""}, first), Mutate({"abcdef", ""}, second));
  }
}

TEST(MutateTest, InputsDiffer) {
  Random random(2);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(Mutate({"some text of a few bytes"}, random));

  EXPECT_GT(seen.size(), 700);
}

TEST(MutateTest, SizeIsBounded) {
  Random random(3);
  for (int i = 0; i < 100; ++i) {
    EXPECT_LE(Mutate({std::string(70000, 'x')}, random).size(), 64 << 10);
  }
}

}  // namespace
}  // namespace niwaki::fuzz
