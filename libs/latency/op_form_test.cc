#include "libs/latency/op_form.h"

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

TEST(OpFormTest, TextsAreReadBack) {
  for (int i = 0; i < kNumOpForms; ++i) {
    const auto form = static_cast<OpForm>(i);
    EXPECT_EQ(OpFormOf(OpFormText(form)), form);
  }
  EXPECT_EQ(OpFormOf("rows 1"), std::nullopt);
}

TEST(OpFormTest, SidesOfDepthwiseConvolutionsArePlanar) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("cifar32"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  engine::WholeLayouts layouts;
  std::map<arch::OpKind, int> planar_both;
  for (const arch::Op& op : graph.ops) {
    const OpForm form = FormOf(op, layouts.Of(graph));
    if (HasPlanarInput(form) && HasPlanarOutput(form)) ++planar_both[op.kind];
    if (op.kind == arch::OpKind::kDepthwiseConv2d) EXPECT_EQ(form, OpForm::kWholePlanar);
    if (op.kind == arch::OpKind::kLinear) EXPECT_EQ(form, OpForm::kWhole);
  }
  EXPECT_GT(planar_both[arch::OpKind::kDepthwiseConv2d], 0);
}

}  // namespace
}  // namespace niwaki::latency
