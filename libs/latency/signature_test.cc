#include "libs/latency/signature.h"

#include "absl/container/flat_hash_set.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

TEST(SignatureTest, TextIsReadable) {
  OpSignature signature;
  signature.activation = arch::OpActivation::kRelu6;
  signature.input = {48, 49, 8};
  signature.output = {48, 49, 24};

  EXPECT_EQ(signature.ToText(), "conv2d 48x49x8 48x49x24 k1 s1 relu6 int8");
}

TEST(SignatureTest, EveryOperatorOfRandomNetworksComesBack) {
  constexpr uint64_t kSeed = 5;
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  for (const char* name : {"mcunet", "kws", "ofa_mbv3_w10", "ofa_resnet50"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    for (int i = 0; i < 20; ++i) {
      const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
      for (const arch::Op& op : graph.ops) {
        const OpSignature signature = OpSignature::Of(graph, op);
        EXPECT_THAT(OpSignature::FromText(signature.ToText()), IsOkAndHolds(signature));
      }
    }
  }
}

TEST(SignatureTest, EveryPartChangesTheKey) {
  const char* const texts[] = {
      "conv2d 8x8x8 8x8x8 k1 s1 none int8",          "depthwise_conv2d 8x8x8 8x8x8 k1 s1 none int8",
      "conv2d 9x8x8 8x8x8 k1 s1 none int8",          "conv2d 8x9x8 8x8x8 k1 s1 none int8",
      "conv2d 8x8x9 8x8x8 k1 s1 none int8",          "conv2d 8x8x8 9x8x8 k1 s1 none int8",
      "conv2d 8x8x8 8x9x8 k1 s1 none int8",          "conv2d 8x8x8 8x8x9 k1 s1 none int8",
      "conv2d 8x8x8 8x8x8 k3 s1 none int8",          "conv2d 8x8x8 8x8x8 k1 s2 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 hard_swish int8",    "conv2d 8x8x8 8x8x8 k1x3 s1 none int8",
      "conv2d 8x8x8 8x8x8 k3x1 s1 none int8",        "conv2d 8x8x8 8x8x8 k1 s1x2 none int8",
      "conv2d 8x8x8 8x8x8 k1 s2x1 none int8",        "conv2d 8x8x8 8x8x8 k1 s1 p1,0,0,0 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 p0,1,0,0 none int8", "conv2d 8x8x8 8x8x8 k1 s1 p0,0,1,0 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 p0,0,0,1 none int8",
  };
  absl::flat_hash_set<OpSignature> seen;
  for (const char* text : texts) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const OpSignature signature, OpSignature::FromText(text));
    EXPECT_TRUE(seen.insert(signature).second) << text;
  }
}

TEST(SignatureTest, RectanglesAndUnusualPaddingComeBack) {
  arch::Graph graph;
  graph.tensors = {{49, 10, 1}, {25, 5, 64}};
  arch::Op op;
  op.kernel_h = 10;
  op.kernel_w = 4;
  op.stride_h = 2;
  op.stride_w = 2;
  op.padding = {4, 5, 1, 1};
  op.activation = arch::OpActivation::kRelu;
  op.input = 0;
  op.output = 1;

  const OpSignature signature = OpSignature::Of(graph, op);

  EXPECT_EQ(signature.ToText(), "conv2d 49x10x1 25x5x64 k10x4 s2 p4,5,1,1 relu int8");
  EXPECT_THAT(OpSignature::FromText(signature.ToText()), IsOkAndHolds(signature));
}

TEST(SignatureTest, WindowsOfAverageThatAreCutOffAreUsual) {
  arch::Graph graph;
  graph.tensors = {{9, 8, 16}, {5, 4, 16}};
  arch::Op op;
  op.kind = arch::OpKind::kAvgPool;
  op.kernel_h = op.kernel_w = 2;
  op.stride_h = op.stride_w = 2;
  op.padding = {0, 1, 0, 0};
  op.input = 0;
  op.output = 1;

  EXPECT_EQ(OpSignature::Of(graph, op).ToText(), "avg_pool 9x8x16 5x4x16 k2 s2 none int8");

  op.padding = {1, 0, 0, 0};
  EXPECT_EQ(OpSignature::Of(graph, op).ToText(), "avg_pool 9x8x16 5x4x16 k2 s2 p1,0,0,0 none int8");
}

TEST(SignatureTest, RandomWindowsComeBack) {
  constexpr uint64_t kSeed = 6;
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  for (int i = 0; i < 500; ++i) {
    arch::Op op;
    op.kind = static_cast<arch::OpKind>(random.Uniform(arch::kNumOpKinds));
    op.activation = static_cast<arch::OpActivation>(random.Uniform(arch::kNumOpActivations));
    op.kernel_h = static_cast<uint16_t>(1 + random.Uniform(4));
    op.kernel_w = static_cast<uint16_t>(1 + random.Uniform(4));
    op.stride_h = static_cast<uint16_t>(1 + random.Uniform(2));
    op.stride_w = static_cast<uint16_t>(1 + random.Uniform(2));
    for (uint8_t* side :
         {&op.padding.top, &op.padding.bottom, &op.padding.left, &op.padding.right}) {
      *side = static_cast<uint8_t>(random.Uniform(3));
    }
    op.input = 0;
    op.output = 1;
    arch::Graph graph;
    graph.tensors = {{9, 9, 8}};
    graph.tensors.push_back(arch::WindowOutput(graph.tensors[0], op));

    const OpSignature signature = OpSignature::Of(graph, op);

    EXPECT_THAT(OpSignature::FromText(signature.ToText()), IsOkAndHolds(signature))
        << signature.ToText();
  }
}

TEST(SignatureTest, WrongTextIsRefused) {
  const char* const texts[] = {
      "",
      "conv2d",
      "conv3d 8x8x8 8x8x8 k1 s1 none int8",
      "conv2d 8x8 8x8x8 k1 s1 none int8",
      "conv2d 0x8x8 8x8x8 k1 s1 none int8",
      "conv2d -1x8x8 8x8x8 k1 s1 none int8",
      "conv2d 08x8x8 8x8x8 k1 s1 none int8",
      "conv2d 8x8x8 8x8x8 1 s1 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 gelu int8",
      "conv2d 8x8x8 8x8x8 k1 s1 none float32",
      "conv2d 8x8x8 8x8x8 k1 s1 none int8 ",
      "conv2d 99999999999x8x8 8x8x8 k1 s1 none int8",
      "conv2d 8x8x8 8x8x8 k3x3 s1 none int8",
      "conv2d 8x8x8 8x8x8 k3x s1 none int8",
      "conv2d 8x8x8 8x8x8 k3x1x1 s1 none int8",
      "conv2d 8x8x8 8x8x8 k1 s2x2 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 p none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 p1,1,1 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 p-1,1,1,1 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 p01,1,1,1 none int8",
      // The usual padding is not said.
      "conv2d 8x8x8 8x8x8 k3 s1 p1,1,1,1 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 p0,0,0,0 none int8",
      "avg_pool 9x8x8 5x4x8 k2 s2 p0,1,0,0 none int8",
  };
  for (const char* text : texts) {
    EXPECT_THAT(OpSignature::FromText(text),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << text;
  }
}

}  // namespace
}  // namespace niwaki::latency
