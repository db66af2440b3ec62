// The data themselves are read in ofa_benchmark_test, which wants the folder of shared data.

#include "tests/bench/ofa_problem.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::bench {
namespace {

TEST(OfaProblemTest, TheFileThatIsNotThereIsNamed) {
  const std::string folder = ::testing::TempDir() + "/empty";
  NIWAKI_ASSERT_OK(MakeFolders(folder));

  EXPECT_THAT(LoadOfaProblem(folder), StatusIs(absl::StatusCode::kNotFound,
                                               "predictors/ofa_tutorial_acc_predictor.index.json"));
}

TEST(OfaProblemTest, AMalformedPredictorIsNamed) {
  const std::string folder = ::testing::TempDir() + "/malformed";
  NIWAKI_ASSERT_OK(MakeFolders(folder + "/predictors"));
  const std::string index = folder + "/predictors/ofa_tutorial_acc_predictor.index.json";
  NIWAKI_ASSERT_OK(WriteFileAtomically(index, "{"));

  const auto problem = LoadOfaProblem(folder);

  EXPECT_FALSE(problem.ok());
  EXPECT_THAT(std::string(problem.status().message()),
              ::testing::HasSubstr("ofa_tutorial_acc_predictor.index.json"));
}

}  // namespace
}  // namespace niwaki::bench
