#include "services/cli/commands/analyses/analysis.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/device/catalogue.h"
#include "libs/engine/plan/costs/cost.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule_kind.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/small_networks.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

arch::Graph ConvolutionGraph() {
  return interchange::WindowNetwork(arch::OpKind::kConv2d, {32, 32, 3}, {16, 16, 8}, 3, 2,
                                    {1, 1, 1, 1})
      .graph;
}

device::Device DeviceWith(int64_t sram_bytes, int64_t flash_bytes) {
  device::Device device = *device::FindDevice("stm32f746");
  device.memory = device::PlainMemory(sram_bytes, flash_bytes);
  return device;
}

TEST(AnalysisTest, FiguresAreThoseOfThePlan) {
  const arch::Graph graph = ConvolutionGraph();
  const Analysis analysis = Analyse(graph, *device::FindDevice("stm32f746"));
  EXPECT_EQ(analysis.cost.macs, 16 * 16 * 8 * 27);
  EXPECT_EQ(analysis.cost.params, 8 * 27 + 8);
  EXPECT_EQ(analysis.arena_bytes(), analysis.cost.sram_bytes);
  EXPECT_EQ(analysis.operators[0].live_bytes, analysis.arena_bytes());
  EXPECT_TRUE(analysis.operators[0].problems.empty());
  EXPECT_TRUE(analysis.cost.latency_us.known());
  EXPECT_TRUE(analysis.fits());
  NIWAKI_EXPECT_OK(CheckFits(analysis));
}

TEST(AnalysisTest, NetworkThatCannotFitNamesTheSmallestArenaAndItsOperator) {
  const Analysis analysis = Analyse(ConvolutionGraph(), DeviceWith(1024, 1 << 20));
  EXPECT_FALSE(analysis.fits());
  const absl::Status status = CheckFits(analysis);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(GetErrorDetail(status)->reason, reason::kBudgetUnsatisfiable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("held by operator 0 (conv2d"));
  EXPECT_THAT(analysis.operators[0].problems[0], HasSubstr("the SRAM is 1"));
}

TEST(AnalysisTest, FlashIsALimitToo) {
  const Analysis analysis = Analyse(ConvolutionGraph(), DeviceWith(1 << 20, 100));
  EXPECT_FALSE(analysis.fits());
  EXPECT_EQ(GetErrorDetail(CheckFits(analysis))->field, "flash_bytes");
  EXPECT_THAT(AnalysisText(analysis, "net"),
              HasSubstr("its weights alone are more than the flash"));
}

TEST(AnalysisTest, EveryOperatorThatDoesNotFitIsMarked) {
  engine::QuantisedNetwork network =
      interchange::NetworkOf(arch::OpKind::kUpsample, {4, 4, 2}, {32, 32, 2});
  interchange::Append(network, arch::OpKind::kMaxPool, {32, 32, 2}, {});
  interchange::Append(network, arch::OpKind::kGlobalAvgPool, {1, 1, 2}, {});
  const Analysis analysis = Analyse(network.graph, DeviceWith(2060, 1 << 20));
  EXPECT_EQ(analysis.operators[0].problems.size(), 1);
  EXPECT_EQ(analysis.operators[1].problems.size(), 1);
  EXPECT_TRUE(analysis.operators[2].problems.empty());
}

TEST(AnalysisTest, JsonHasTheFiguresThatOthersRead) {
  const Analysis analysis = Analyse(ConvolutionGraph(), *device::FindDevice("stm32f746"));
  const Json json = AnalysisToJson(analysis, "net.onnx");
  for (const char* field :
       {"arena_bytes", "arena_rows_bytes", "flash_bytes", "macs", "params", "fits", "operators"}) {
    EXPECT_TRUE(json.contains(field)) << field;
  }
  EXPECT_EQ(json["arena_bytes"], json["arenas"]["whole"]);
  EXPECT_EQ(json["network"], "net.onnx");
  EXPECT_EQ(json["operators"][0]["kind"], "conv2d");
  EXPECT_EQ(json["operators"][0]["stride"], Json::array({2, 2}));
  EXPECT_GT(json["latency_us"], 0);
}

TEST(AnalysisTest, PatchesAreComparedWithRows) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));

  const Analysis analysis = Analyse(graph, *device::FindDevice("stm32f746"));

  const Json json = AnalysisToJson(analysis, "largest");
  ASSERT_TRUE(json["patched"].is_object());
  EXPECT_EQ(json["patched"]["helps"],
            json["patched"]["least_arena_bytes"] < json["arenas"]["streamed"]);
  EXPECT_LE(json["patched"]["extra_macs"], kMaxExtraMacs);
  EXPECT_THAT(AnalysisText(analysis, "largest"), HasSubstr(" patches, "));
  // One operator, and nothing behind it.
  const Analysis single = Analyse(ConvolutionGraph(), *device::FindDevice("stm32f746"));
  EXPECT_TRUE(AnalysisToJson(single, "net")["patched"].is_null());
  EXPECT_THAT(AnalysisText(single, "net"), HasSubstr("patched  cannot be: "));
}

TEST(AnalysisTest, SchedulesAreThoseThatTheOracleLists) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  engine::NetworkPlanner planner;
  const engine::ExactCosts costs = engine::ExactCostsOf(graph, planner);
  ASSERT_GE(costs.schedules.size(), 2);
  // The fastest does not fit, the next one does.
  const Analysis analysis = Analyse(graph, DeviceWith(costs.schedules[0].sram_bytes - 1, 1 << 20));

  const Json json = AnalysisToJson(analysis, "largest");

  ASSERT_EQ(json["schedules"].size(), costs.schedules.size());
  for (size_t i = 0; i < costs.schedules.size(); ++i) {
    const engine::ScheduleCost& schedule = costs.schedules[i];
    EXPECT_EQ(json["schedules"][i]["name"], std::string(engine::ScheduleKindName(schedule.kind)));
    EXPECT_EQ(json["schedules"][i]["arena_bytes"], schedule.sram_bytes);
    EXPECT_EQ(json["schedules"][i]["flash_bytes"], schedule.flash_bytes);
  }
  EXPECT_EQ(json["arenas"]["whole"], costs.schedules.front().sram_bytes);
  EXPECT_EQ(json["arenas"]["streamed"], costs.schedules.back().sram_bytes);
  EXPECT_EQ(json["schedule"], json["schedules"][1]["name"]);
  EXPECT_EQ(json["flash_bytes"], json["schedules"][1]["flash_bytes"]);
  EXPECT_EQ(json["latency_us"], json["schedules"][1]["latency_us"]);
  EXPECT_EQ(json["fits"], true);
  EXPECT_THAT(AnalysisText(analysis, "largest"), HasSubstr("; what follows is of it\n"));
}

}  // namespace
}  // namespace niwaki::cli
