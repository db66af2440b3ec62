#include "libs/engine/plan/plan_json.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

NetworkPlan SmallPlan() {
  arch::Graph graph;
  graph.tensors = {{8, 8, 4}, {8, 8, 16}, {8, 8, 16}};
  for (int i = 0; i < 2; ++i) {
    arch::Op op;
    op.input = i;
    op.output = i + 1;
    graph.ops.push_back(op);
  }
  graph.output = 2;
  return PlanNetwork(graph);
}

TEST(PlanJsonTest, PlansComeBackEqual) {
  constexpr uint64_t kSeed = 3;
  SCOPED_TRACE(kSeed);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  Random random(kSeed);
  for (int i = 0; i < 20; ++i) {
    const NetworkPlan plan =
        PlanNetwork(arch::BuildGraph(space, arch::SampleSubnet(space, random)));
    const std::string text = PlanToJson(plan);

    NIWAKI_ASSERT_OK_AND_ASSIGN(const NetworkPlan again, PlanFromJson(text, "plan"));

    EXPECT_EQ(again, plan);
    EXPECT_EQ(PlanToJson(again), text);
  }
}

TEST(PlanJsonTest, SchedulesAndRingsComeBack) {
  NetworkPlan plan = SmallPlan();
  plan.schedule.segments = {{RunMode::kRows, 0, 1, 2, 1, 1}, {RunMode::kPatches, 1, 2, 1, 2, 3}};
  plan.memory.tensors[1].ring_rows = 3;
  plan.memory.tensors[1].layout = Layout::kPlanar;

  EXPECT_THAT(PlanFromJson(PlanToJson(plan), "plan"), IsOkAndHolds(plan));
}

TEST(PlanJsonTest, OtherTextsAreRefusedByField) {
  const std::string text = PlanToJson(SmallPlan());
  const auto refused = [&](const std::string& from, const std::string& to, const std::string& why) {
    const std::string changed = absl::StrReplaceAll(text, {{from, to}});
    ASSERT_NE(changed, text) << from;
    EXPECT_THAT(PlanFromJson(changed, "p.json"), StatusIs(kInvalid, why)) << to;
  };

  refused("niwaki plan", "some plan", "p.json: format is \"some plan\", needs 'niwaki plan'");
  refused("\"version\":1", "\"version\":2", "version is 2, needs an integer from 1 to 1");
  refused("\"mode\":\"whole\"", "\"mode\":\"fast\"", "schedule[0].mode is \"fast\"");
  refused("\"end_op\":2", "\"end_op\":1", "segments up to operator 2");
  refused("\"end_op\":2", "\"end_op\":3", "schedule[0].end_op is 3");
  refused("\"size_bytes\":256", "\"size_bytes\":99999999", "tensors[0].size_bytes is 99999999");
  refused("\"size_bytes\":256", "\"size_bytes\":-1", "tensors[0].size_bytes is -1");
  refused("\"size_bytes\":256", "\"size_bytes\":1e3", "tensors[0].size_bytes is 1000.0");
  refused("\"size_bytes\":256", "\"size_bytes\":18446744073709551615", "18446744073709551615");
  refused("\"overwrites\":-1", "\"overwrites\":3", "operators[0].overwrites is 3");
  refused("\"layout\":\"interleaved\"", "\"layout\":7", "tensors[0].layout is 7");
  refused("\"peak_operator\":1", "\"peak_operator\":2", "peak_operator is 2");
  refused("\"tensors\":[", "\"tensors\":{},\"other\":[", "tensors is object");
}

TEST(PlanJsonTest, CutTextsAndOtherKindsAreRefused) {
  const std::string text = PlanToJson(SmallPlan());
  for (size_t size = 0; size + 2 < text.size(); size += 7) {
    EXPECT_THAT(PlanFromJson(text.substr(0, size), "p.json"), StatusIs(kInvalid, "p.json"));
  }
  EXPECT_THAT(PlanFromJson("[]", "p.json"), StatusIs(kInvalid, "needs an object"));
  EXPECT_THAT(PlanFromJson("{}", "p.json"), StatusIs(kInvalid, "format is missing"));
}

}  // namespace
}  // namespace niwaki::engine
