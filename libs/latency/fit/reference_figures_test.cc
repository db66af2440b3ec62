// Figures are read as they are printed. Needs NIWAKI_SHARED.

#include "libs/latency/fit/reference_figures.h"

#include <cstdlib>
#include <set>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

TEST(ReferenceFiguresTest, CsvFieldsMayBeQuoted) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto rows, ParseCsv("a,b\n1,\"x, \"\"y\"\"\"\r\n2,\n"));

  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].at("b"), "x, \"y\"");
  EXPECT_EQ(rows[1].at("b"), "");
}

TEST(ReferenceFiguresTest, RaggedCsvIsMalformed) {
  EXPECT_THAT(ParseCsv("a,b\n1\n"), StatusIs(absl::StatusCode::kInvalidArgument, "row 1"));
}

TEST(ReferenceFiguresTest, UnknownMarkdownIsMalformed) {
  EXPECT_THAT(ParseEngineFigures("# nothing\n").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "found 0 networks"));
}

class SharedFiguresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* shared = std::getenv("NIWAKI_SHARED");
    ASSERT_NE(shared, nullptr) << "NIWAKI_SHARED is not set: it must name the folder of reference "
                                  "figures (bazel test --test_env=NIWAKI_SHARED=...)";
    shared_ = shared;
  }

  std::string shared_;
};

TEST_F(SharedFiguresTest, EngineTablesAreRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(shared_ + "/engine/figures.md"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const EngineFigures figures, ParseEngineFigures(text));

  EXPECT_DOUBLE_EQ(figures.instructions.at("TinyEngine").at("mcunet-in2"), 195.65e6);
  EXPECT_DOUBLE_EQ(figures.instructions.at("CMSIS-NN").at("mcunet-in2"), 375.1e6);
  EXPECT_DOUBLE_EQ(figures.instructions.at("TFLM").at("mcunet-vww0"), 470e6);
  // Nobody has counted it.
  EXPECT_EQ(figures.instructions.at("TFLM").count("mcunet-in0"), 0);
}

TEST_F(SharedFiguresTest, LatenciesAreReadByEngine) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile(shared_ + "/measured/mcunet_tables/tinyengine_readme_stm32h743.csv"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto rows, ParseCsv(text));

  EXPECT_EQ(H743LatenciesMs(rows, "TinyEngine").at("mcunet-in3"), 336);
  EXPECT_EQ(H743LatenciesMs(rows, "CMSIS-NN").at("mcunet-in3"), 770);
}

TEST_F(SharedFiguresTest, BoardsOfOneEngineAreCompared) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile(shared_ + "/measured/mlperf_tiny_results/mlperf_tiny_results.csv"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto rows, ParseCsv(text));
  std::set<std::string> boards;
  for (const MlperfGroup& group : MlperfGroups(rows)) {
    for (const auto& [board, cycles] : group.cycles) boards.insert(board);
  }

  EXPECT_EQ(boards, (std::set<std::string>{"F746", "H7A3", "L4R5", "U575"}));
}

}  // namespace
}  // namespace niwaki::latency
