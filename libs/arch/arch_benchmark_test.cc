#include "libs/arch/arch_benchmark.h"

#include <iostream>

#include "gtest/gtest.h"

namespace niwaki::arch {
namespace {

// Far below the targets of the benchmark, which need a quiet machine and an optimised build.
constexpr double kLeastPerSecond = 1000;

TEST(ArchBenchmarkTest, MakesSubnetsAndGraphs) {
  const double subnets = SubnetsPerSecond(0.05);
  const double graphs = GraphsPerSecond(0.05);
  std::cout << subnets << " subnets/s, " << graphs << " graphs/s\n";

  EXPECT_GT(subnets, kLeastPerSecond);
  EXPECT_GT(graphs, kLeastPerSecond);
}

}  // namespace
}  // namespace niwaki::arch
