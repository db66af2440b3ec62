#include "tests/bench/oracle_program.h"

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "services/oracle/oracle_benchmark.h"

namespace niwaki::bench {
namespace {

using ::testing::Gt;

TEST(OracleProgramTest, AnswersQueries) {
  const auto program = OracleProgram::Start(::testing::TempDir());
  NIWAKI_ASSERT_OK(program);

  EXPECT_THAT(oracle::SingleQueryP99Ms((*program)->address(), 20), IsOkAndHolds(Gt(0)));
}

TEST(OracleProgramTest, FolderThatIsNotThereFails) {
  EXPECT_THAT(OracleProgram::Start(::testing::TempDir() + "/missing/folder"),
              StatusIs(absl::StatusCode::kNotFound, "folder"));
}

}  // namespace
}  // namespace niwaki::bench
