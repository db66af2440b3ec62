#include "services/oracle/oracle_benchmark.h"

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::oracle {
namespace {

using ::testing::Gt;

// The figures themselves are for ./dev bench; here only that they can be had.
TEST(OracleBenchmarkTest, FiguresArePositive) {
  const std::string folder = ::testing::TempDir();

  EXPECT_THAT(BatchedSubnetsPerSecond(folder, 2, SubnetForm::kGenes, 0.2), IsOkAndHolds(Gt(0)));
  EXPECT_THAT(BatchedSubnetsPerSecond(folder, 1, SubnetForm::kJson, 0.2), IsOkAndHolds(Gt(0)));
  EXPECT_THAT(SingleQueryP99MsWithinProcess(folder, 100), IsOkAndHolds(Gt(0)));
}

}  // namespace
}  // namespace niwaki::oracle
