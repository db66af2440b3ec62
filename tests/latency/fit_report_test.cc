#include "tests/latency/fit_report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

using ::testing::HasSubstr;

TEST(FitReportTest, ErrorsAreOfBothDirections) {
  EXPECT_EQ(ErrorsText({0.9, 1.02, 1.3}), "n 3, mean 14.0 %, median 10.0 %, worst 30.0 %");
  EXPECT_EQ(ErrorsText({}), "n 0");
}

TEST(FitReportTest, NetworksAreRowsWithErrors) {
  const std::string table = NetworkTable({{"kws", 2e6, 2.2e6}});

  EXPECT_THAT(table, HasSubstr("| kws | 2.00 | 2.20 | +10.0 % |\n"));
  EXPECT_THAT(table, HasSubstr("n 1, mean 10.0 %"));
}

TEST(FitReportTest, OperatorsAreComparedByTheirClass) {
  LatencyModel model;
  model.coefficients["add"] = {0, 0, 2, 0, 0};
  CountedOperator add;
  add.op.kind = arch::OpKind::kAdd;
  add.work.output_bytes = 100;
  add.instructions = 400;

  EXPECT_THAT(OperatorTable(model, {add}), HasSubstr("| add | 100.0 % | n 1, mean 50.0 %"));
}

TEST(FitReportTest, ReportTakesThePlaceOfTheLastOne) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text,
                              WithReport("# A\n\n## Report\n\nold\n", "## Report", "new\n"));

  EXPECT_EQ(text, "# A\n\n## Report\n\nnew\n");
  EXPECT_THAT(WithReport("# A\n", "## Report", "new").status(),
              StatusIs(absl::StatusCode::kNotFound, "## Report"));
}

}  // namespace
}  // namespace niwaki::latency
