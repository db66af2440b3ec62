#include "services/boards/lone_operator.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/layouts.h"
#include "libs/latency/signature.h"

namespace niwaki::boards {
namespace {

latency::EmittedOp OpOf(const std::string& text, latency::OpForm form = latency::OpForm::kWhole) {
  const auto signature = latency::OpSignature::FromText(text);
  EXPECT_TRUE(signature.ok()) << signature.status();
  return {*signature, form};
}

TEST(LoneOperatorTest, EveryOperatorOfTheCataloguesSpacesRunsAlone) {
  const uint64_t seed = 3;
  Random random(seed);
  engine::WholeLayouts layouts;
  for (const char* name : {"kws", "cifar32", "mcunet", "ofa_mbv3_w10", "ofa_resnet50"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
    for (const arch::Op& op : graph.ops) {
      const latency::EmittedOp emitted = {latency::OpSignature::Of(graph, op),
                                          latency::FormOf(op, layouts.Of(graph))};
      NIWAKI_ASSERT_OK_AND_ASSIGN(const auto lone, MakeLoneOperator(emitted, 1));
      EXPECT_EQ(lone.network.graph.shape(lone.network.graph.output).elements(),
                emitted.signature.output.elements());
      EXPECT_GE(engine::ArenaOf(lone), engine::kSpareScratch + emitted.signature.input.elements());
    }
  }
}

TEST(LoneOperatorTest, TableOfAnActivationStandsBehindItsConvolution) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto lone, MakeLoneOperator(OpOf("conv2d 4x4x8 4x4x8 k1 s1 hard_swish int8"), 1));
  ASSERT_EQ(lone.network.graph.ops.size(), 2u);
  EXPECT_EQ(lone.network.graph.ops[1].kind, arch::OpKind::kActivation);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto clamped,
                              MakeLoneOperator(OpOf("conv2d 4x4x8 4x4x8 k1 s1 relu6 int8"), 1));
  EXPECT_EQ(clamped.network.graph.ops.size(), 1u);
}

TEST(LoneOperatorTest, ChecksAreTheSameForOneSeedAndDifferForOthers) {
  const auto check = [](uint64_t weights, int index, uint32_t seed) {
    return *engine::ExpectedCheck(
        *MakeLoneOperator(OpOf("conv2d 4x4x8 4x4x8 k1 s1 relu6 int8"), weights), index, seed);
  };
  EXPECT_EQ(check(1, 0, 7), check(1, 0, 7));
  EXPECT_EQ(
      (std::set<uint32_t>{check(1, 0, 7), check(2, 0, 7), check(1, 1, 7), check(1, 0, 8)}).size(),
      4u);
}

TEST(LoneOperatorTest, WhatCannotRunIsRefused) {
  const std::vector<latency::EmittedOp> wrong = {
      OpOf("concat 4x4x8 4x4x16 k1 s1 none int8"),
      OpOf("transpose 4x4x8 8x4x4 k1 s1 none int8"),
      OpOf("conv2d 4x4x8 5x4x8 k1 s1 none int8"),
      OpOf("add 4x4x8 4x4x9 k1 s1 none int8"),
      OpOf("linear 1x1x8 1x1x4 k1 s1 none int8", latency::OpForm::kWholePlanarInput),
      OpOf("depthwise_conv2d 4x4x8 4x4x8 k3 s1 relu6 int8", latency::OpForm::kWholePlanarInput),
      OpOf("conv2d 1x1x8 1x1x8 k1 s1 none int8", latency::OpForm::kUnknown),
      OpOf("conv2d 8192x8192x8 8192x8192x8 k1 s1 none int8"),
  };
  for (const latency::EmittedOp& op : wrong) {
    EXPECT_THAT(MakeLoneOperator(op, 1),
                HasReason(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid))
        << op.signature.ToText();
  }
}

}  // namespace
}  // namespace niwaki::boards
