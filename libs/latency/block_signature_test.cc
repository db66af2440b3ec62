#include "libs/latency/block_signature.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

TEST(BlockSignatureTest, PartsOfMobileNetHaveTheirTexts) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto parts, BlocksOf(graph));

  // Stem, the static block, 20 elastic ones, final expansion, pool, feature mix, classifier.
  ASSERT_EQ(parts.size(), 26u);
  EXPECT_EQ(parts[0].signature.ToText(), "stem 224x224x3 112x112x24 in224x224 float32");
  EXPECT_EQ(parts[1].signature.ToText(),
            "block 112x112x24 112x112x24 m24 k3 s1 relu add in224x224 float32");
  EXPECT_EQ(parts[6].signature.ToText(),
            "block 56x56x32 28x28x48 m192 k7 s2 relu se in224x224 float32");
  EXPECT_EQ(parts[25].signature.ToText(), "classifier 1x1x1536 1x1x1000 in224x224 float32");
  EXPECT_EQ(parts[6].stage, 2);
  EXPECT_EQ(parts[6].block, 0);
  EXPECT_EQ(parts[25].stage, -1);
}

TEST(BlockSignatureTest, PartsSumToTheNetworksMacs) {
  for (const char* name : {"ofa_mbv3_w10", "ofa_proxyless_w13", "mcunet", "kws"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    Random random(7);
    const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto parts, BlocksOf(graph));

    int64_t macs = 0;
    for (const BlockOfGraph& part : parts) macs += part.macs;
    EXPECT_EQ(macs, arch::CountMacs(graph)) << name;
  }
}

TEST(BlockSignatureTest, TextReadsBackEqual) {
  for (const char* name : {"ofa_mbv3_w10", "ofa_proxyless_w13"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto parts, BlocksOf(graph));
    for (const BlockOfGraph& part : parts) {
      const std::string text = part.signature.ToText();
      EXPECT_THAT(BlockSignature::FromText(text), IsOkAndHolds(part.signature)) << text;
      EXPECT_TRUE(IsBlockSignatureText(text));
    }
  }
}

TEST(BlockSignatureTest, RefusesEverythingElse) {
  const char* const bad[] = {
      "",
      "block",
      "conv2d 48x48x8 48x48x24 k1 s1 relu6 int8",
      "stem 160x160x3 80x80x24 in160x160 int8",
      "stem 160x160x3 80x80x24 in160 float32",
      "stem 160x160x3 80x80x24 k3 in160x160 float32",
      "stem 0x160x3 80x80x24 in160x160 float32",
      "stem 160x160x03 80x80x24 in160x160 float32",
      "block 40x40x32 20x20x48 m96 k3 s2 in160x160 float32",
      "block 40x40x32 20x20x48 m96 k3 s2 tanh in160x160 float32",
      "block 40x40x32 20x20x48 m96 k3 s2 relu add se in160x160 float32",
      "block 40x40x32 20x20x48 m96 k3 s2 relu  se in160x160 float32",
  };
  for (const char* text : bad) {
    EXPECT_THAT(BlockSignature::FromText(text),
                StatusIs(absl::StatusCode::kInvalidArgument, "not a block signature"))
        << text;
  }
  EXPECT_FALSE(IsBlockSignatureText("conv2d 48x48x8 48x48x24 k1 s1 relu6 int8"));
}

TEST(BlockSignatureTest, OddWindowsAreRefusedByNameAndIndex) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));
  arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  graph.ops[0].padding.top = 0;

  EXPECT_THAT(BlocksOf(graph).status(),
              StatusIs(absl::StatusCode::kUnimplemented, "stem (operator 0)"));

  graph.ops[0].padding.top = 1;
  graph.ops[1].kernel_w += 2;
  EXPECT_THAT(BlocksOf(graph).status(),
              StatusIs(absl::StatusCode::kUnimplemented, "stage0.block0.depthwise (operator 1)"));
}

}  // namespace
}  // namespace niwaki::latency
