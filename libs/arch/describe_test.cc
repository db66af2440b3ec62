#include "libs/arch/describe.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::SizeIs;

TEST(DescribeTest, RowsAddUpToTheNetwork) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace("ofa_mbv3_w10"));
  const Graph graph = BuildGraph(space, MaxSubnet(space));

  const std::vector<LayerRow> rows = DescribeLayers(graph);

  ASSERT_THAT(rows, SizeIs(graph.ops.size()));
  int64_t macs = 0;
  int64_t params = 0;
  std::set<std::string> names;
  for (const LayerRow& row : rows) {
    macs += row.macs;
    params += row.params;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  EXPECT_EQ(macs, CountMacs(graph));
  EXPECT_EQ(params, CountParams(graph));
}

TEST(DescribeTest, RowsSayWhatTheOperatorIs) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace("ofa_mbv3_w10"));

  const std::vector<LayerRow> rows = DescribeLayers(BuildGraph(space, MinSubnet(space)));

  EXPECT_EQ(rows.front().name, "stem");
  EXPECT_EQ(rows.front().kind, "conv2d");
  EXPECT_EQ(rows.front().activation, "hard_swish");
  EXPECT_EQ(ShapeText(rows.front().input), "128x128x3");
  EXPECT_EQ(ShapeText(rows.front().output), "64x64x16");
  EXPECT_EQ(rows.back().name, "classifier");
  EXPECT_EQ(rows.back().kind, "linear");
  for (const char* name : {"stage0.block0.add", "stage2.block0.squeeze_pool",
                           "stage2.block1.squeeze_scale", "head.pool", "head.feature_mix"}) {
    EXPECT_THAT(rows, Contains(Field(&LayerRow::name, name)));
  }
}

}  // namespace
}  // namespace niwaki::arch
