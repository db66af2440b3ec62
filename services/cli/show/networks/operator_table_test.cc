#include "services/cli/show/networks/operator_table.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/base/json.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A pool of 4x4x2 by windows of 2x2.
arch::Graph PoolGraph() {
  arch::Graph graph;
  graph.tensors = {{4, 4, 2}, {2, 2, 2}};
  arch::Op op;
  op.kind = arch::OpKind::kMaxPool;
  op.SetWindow(/*kernel_size=*/2, /*stride=*/2);
  op.input = 0;
  op.output = 1;
  graph.ops = {op};
  graph.output = 1;
  return graph;
}

TEST(OperatorTableTest, RowSaysWhatTheOperatorIs) {
  const arch::Graph graph = PoolGraph();
  const std::string text = OperatorTable(graph, engine::PlanMemory(graph));
  EXPECT_THAT(text, HasSubstr("max_pool"));
  EXPECT_THAT(text, HasSubstr("4x4x2"));
  EXPECT_THAT(text, HasSubstr("40 B"));
  EXPECT_THAT(text, Not(HasSubstr("PROBLEM")));
}

TEST(OperatorTableTest, ProblemsAreAColumn) {
  const arch::Graph graph = PoolGraph();
  const std::string text = OperatorTable(graph, engine::PlanMemory(graph), {"too large"});
  EXPECT_THAT(text, HasSubstr("PROBLEM"));
  EXPECT_THAT(text, HasSubstr("too large\n"));
}

TEST(OperatorTableTest, JsonHasTheNumbers) {
  const arch::Graph graph = PoolGraph();
  const Json json = OperatorToJson(graph, engine::PlanMemory(graph), 0);
  EXPECT_EQ(json["kind"], "max_pool");
  EXPECT_EQ(json["output"], Json::array({2, 2, 2}));
  EXPECT_EQ(json["kernel"], Json::array({2, 2}));
  EXPECT_EQ(json["live_bytes"], 32 + 8);
}

}  // namespace
}  // namespace niwaki::cli
