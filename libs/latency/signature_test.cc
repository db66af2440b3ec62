#include "libs/latency/signature.h"

#include "absl/container/flat_hash_set.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
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
      "conv2d 8x8x8 8x8x8 k1 s1 none int8",       "depthwise_conv2d 8x8x8 8x8x8 k1 s1 none int8",
      "conv2d 9x8x8 8x8x8 k1 s1 none int8",       "conv2d 8x9x8 8x8x8 k1 s1 none int8",
      "conv2d 8x8x9 8x8x8 k1 s1 none int8",       "conv2d 8x8x8 9x8x8 k1 s1 none int8",
      "conv2d 8x8x8 8x9x8 k1 s1 none int8",       "conv2d 8x8x8 8x8x9 k1 s1 none int8",
      "conv2d 8x8x8 8x8x8 k3 s1 none int8",       "conv2d 8x8x8 8x8x8 k1 s2 none int8",
      "conv2d 8x8x8 8x8x8 k1 s1 hard_swish int8",
  };
  absl::flat_hash_set<OpSignature> seen;
  for (const char* text : texts) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const OpSignature signature, OpSignature::FromText(text));
    EXPECT_TRUE(seen.insert(signature).second) << text;
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
  };
  for (const char* text : texts) {
    EXPECT_THAT(OpSignature::FromText(text),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << text;
  }
}

}  // namespace
}  // namespace niwaki::latency
