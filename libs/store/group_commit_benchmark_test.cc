#include "libs/store/group_commit_benchmark.h"

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::store {
namespace {

TEST(GroupCommitBenchTest, MeasuresAndLeavesNothing) {
  const std::string folder = ::testing::TempDir() + "/bench";
  NIWAKI_ASSERT_OK(MakeFolders(folder));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const GroupCommitRates rates,
                              MeasureGroupCommit(folder, 32, absl::Milliseconds(50)));

  EXPECT_GT(rates.commits_per_second, 0);
  EXPECT_GT(rates.grouped_rows_per_second, 0);
  EXPECT_THAT(ListFolder(folder), IsOkAndHolds(::testing::IsEmpty()));
}

}  // namespace
}  // namespace niwaki::store
