#include "services/cli/show/networks/memory_text.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

arch::Graph LargestKeywordNetwork() {
  const auto space = arch::CatalogueSpace("kws");
  return arch::BuildGraph(*space, arch::MaxSubnet(*space));
}

TEST(MemoryTextTest, EveryOperatorIsARowAndThePeakIsMarked) {
  const arch::Graph graph = LargestKeywordNetwork();
  const engine::MemoryPlan plan = engine::PlanMemory(graph);

  const std::string text = MemoryTable(graph, plan);

  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  // Headings before, the arena behind.
  ASSERT_EQ(lines.size(), graph.ops.size() + 2);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const std::string& row = lines[1 + i];
    EXPECT_THAT(row, HasSubstr(absl::StrCat(engine::LiveBytes(plan, static_cast<int>(i)))));
    EXPECT_EQ(absl::StrContains(row, "<- peak"), static_cast<int>(i) == plan.peak_op) << row;
    EXPECT_EQ(absl::StrContains(row, "over "), plan.overwrites[i] >= 0) << row;
    const engine::TensorPlacement& output = plan.tensors[graph.ops[i].output];
    EXPECT_THAT(row, HasSubstr(absl::StrCat(graph.ops[i].output, "@", output.offset_bytes, "+",
                                            output.size_bytes)));
  }
  EXPECT_THAT(lines.back(), HasSubstr(absl::StrCat("arena ", plan.arena_bytes, " bytes")));
}

}  // namespace
}  // namespace niwaki::cli
