// The fit's inputs are read as they are printed, and the default model predicts what it claims.
// Needs NIWAKI_SHARED.

#include "libs/latency/fit/reference_figures.h"

#include <cstdlib>

#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/zoo_nets.h"

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
              StatusIs(absl::StatusCode::kInvalidArgument, "found 0 kernels"));
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

  EXPECT_DOUBLE_EQ(figures.instructions.at("mcunet-in2"), 195.65e6);
  EXPECT_DOUBLE_EQ(figures.kernels[0].instructions / figures.kernels[0].work.macs, 4.64);
}

TEST_F(SharedFiguresTest, DefaultModelPredictsTheZooOnTheH743) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile(shared_ + "/measured/mcunet_tables/tinyengine_readme_stm32h743.csv"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto rows, ParseCsv(text));
  const auto latencies = H743LatenciesMs(rows, "TinyEngine");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto nets, engine::ReadZooNets(shared_));
  const LatencyModel& model = DefaultModels().back();
  ASSERT_EQ(model.target, "stm32h743");

  for (const engine::ZooNet& net : nets) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const double cycles, PredictCycles(model, net.graph));
    const double ms = cycles / 480e3;
    EXPECT_NEAR(ms / latencies.at(net.id), 1, 0.07) << net.id;
    EXPECT_LT(ms / model.interval_ratio, latencies.at(net.id)) << net.id;
    EXPECT_GT(ms * model.interval_ratio, latencies.at(net.id)) << net.id;
  }
}

}  // namespace
}  // namespace niwaki::latency
