#include "libs/predictor/mlp/encoder.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// Two stages of which the first is static, two resolutions, two multipliers.
constexpr char kSmallSpace[] = R"pb(
  name: "small"
  input_channels: 3
  num_classes: 10
  resolutions { value: 32 }
  resolutions { value: 48 }
  width_mults: [ 0.5, 1.0 ]
  stem { width: 8 kernel_size: 3 stride: 1 activation: ACTIVATION_RELU }
  stages {
    width: 8
    stride: 1
    depths: 1
    kernel_sizes: 3
    expand_ratios: 1
    activation: ACTIVATION_RELU
  }
  stages {
    width: 16
    stride: 2
    depths: [ 1, 2 ]
    kernel_sizes: [ 3, 5 ]
    expand_ratios: [ 3, 6 ]
    activation: ACTIVATION_RELU
  }
  head { activation: ACTIVATION_RELU }
)pb";

arch::SearchSpace SmallSpace() {
  auto space = arch::SearchSpace::FromTextproto(kSmallSpace);
  EXPECT_THAT(space, IsOk());
  return *std::move(space);
}

std::vector<int32_t> OnesOf(const Encoder& encoder, const arch::Subnet& subnet) {
  SparseRows rows;
  encoder.Append(subnet, rows);
  return rows.columns;
}

TEST(EncoderTest, OneHotHasColumnsForEveryChoice) {
  const arch::SearchSpace space = SmallSpace();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder, Encoder::Create(Encoding::kOneHot, space));

  // Resolution 2, multiplier 2, depth 2, two blocks of 2 + 2.
  EXPECT_EQ(encoder.columns(), 14);
  EXPECT_THAT(OnesOf(encoder, arch::MaxSubnet(space)), ElementsAre(1, 3, 5, 7, 9, 11, 13));
}

TEST(EncoderTest, InactiveBlocksHaveNoOnes) {
  const arch::SearchSpace space = SmallSpace();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder, Encoder::Create(Encoding::kOneHot, space));

  EXPECT_THAT(OnesOf(encoder, arch::MinSubnet(space)), ElementsAre(0, 2, 4, 6, 8));
}

TEST(EncoderTest, RowsAreAscendingAndDistinct) {
  constexpr int kSubnets = 500;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder, Encoder::Create(Encoding::kOneHot, space));
  Random random(3);

  for (int i = 0; i < kSubnets; ++i) {
    const arch::Subnet a = arch::SampleSubnet(space, random);
    const arch::Subnet b = arch::SampleSubnet(space, random);
    const std::vector<int32_t> ones = OnesOf(encoder, a);
    ASSERT_TRUE(std::is_sorted(ones.begin(), ones.end()));
    ASSERT_LT(ones.back(), encoder.columns());
    ASSERT_EQ(a == b, ones == OnesOf(encoder, b));
  }
}

TEST(EncoderTest, TutorialPutsResolutionLast) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder,
                              Encoder::Create(Encoding::kOfaTutorial, space));

  const std::vector<int32_t> ones = OnesOf(encoder, arch::MinSubnet(space));

  EXPECT_EQ(encoder.columns(), 128);
  // Two of four blocks in each of five stages, and 128 px.
  EXPECT_THAT(ones, ElementsAre(0, 3, 12, 15, 24, 27, 36, 39, 48, 51, 60, 63, 72, 75, 84, 87, 96,
                                99, 108, 111, 121));
}

TEST(EncoderTest, TutorialRoundsResolutionDown) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder,
                              Encoder::Create(Encoding::kOfaTutorial, space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const arch::Subnet subnet,
      arch::SubnetFromJson(space, absl::StrReplaceAll(arch::ToJson(space, arch::MaxSubnet(space)),
                                                      {{"224", "220"}})));

  EXPECT_EQ(OnesOf(encoder, subnet).back(), 126);
}

TEST(EncoderTest, MobileNetPutsResolutionFirst) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::CatalogueSpace("ofa_proxyless_w13"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder,
                              Encoder::Create(Encoding::kOfaMobileNet, space));

  const std::vector<int32_t> ones = OnesOf(encoder, arch::MaxSubnet(space));

  const int resolutions = static_cast<int>(space.resolutions().size());
  EXPECT_EQ(encoder.columns(), resolutions + 126);
  EXPECT_EQ(encoder.resolutions().size(), space.resolutions().size());
  EXPECT_EQ(ones.front(), resolutions - 1);
  EXPECT_EQ(ones.back(), encoder.columns() - 1);
  EXPECT_EQ(ones.size(), 1 + 2 * 21);
}

TEST(EncoderTest, ResolutionWithoutColumnIsRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));

  const auto encoder = Encoder::Create(Encoding::kOfaMobileNet, space, {128, 160, 192, 224});

  EXPECT_THAT(encoder, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(encoder.status().message(), HasSubstr("resolution is 132"));
  EXPECT_THAT(encoder.status().message(), HasSubstr("one of 128, 160, 192, 224"));
}

TEST(EncoderTest, ResNetHasStemWidthsAndExpandRatios) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_resnet50"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder, Encoder::Create(Encoding::kOfaResNet, space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::Subnet subnet, arch::SubnetFromJson(space, R"({
        "d": [2, 0, 1, 0, 0], "w": [0, 1, 2, 0, 1, 2], "r": 224,
        "e": [0.35, 0.25, 0.2, 0.2, 0.2, 0.2, 0.25, 0.35,
              0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.35, 0.2, 0.35, 0.35]})"));

  // 8 resolutions, 2 of the stem, 6 widths at 10, 13, …, 18 blocks at 28, 31, …. The stages have
  // 4, 4, 6 and 4 blocks, of which 2, 3, 4 and 2 are there.
  EXPECT_EQ(encoder.columns(), 82);
  EXPECT_THAT(OnesOf(encoder, subnet), ElementsAre(5, 9, 10, 14, 18, 19, 23, 27, 30, 32, 40, 43, 47,
                                                   53, 56, 59, 62, 72, 73));
  EXPECT_THAT(OnesOf(encoder, arch::MinSubnet(space)),
              ElementsAre(0, 8, 10, 13, 16, 19, 22, 25, 28, 31, 40, 43, 52, 55, 58, 61, 70, 73));
}

TEST(EncoderTest, ResNetSubnetsHaveRowsOfTheirOwn) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_resnet50"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder, Encoder::Create(Encoding::kOfaResNet, space));
  const std::vector<int32_t> least = OnesOf(encoder, arch::MinSubnet(space));

  for (int gene = 0; gene < space.layout().num_genes; ++gene) {
    if (space.gene_sizes()[gene] < 2) continue;
    arch::Subnet subnet = arch::MinSubnet(space);
    subnet.genes[gene] = 1;
    arch::Canonicalise(space, subnet);
    EXPECT_EQ(OnesOf(encoder, subnet) == least, subnet == arch::MinSubnet(space)) << gene;
  }
}

TEST(EncoderTest, ResNetTakesOtherInputSizes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_resnet50"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace small, arch::WithResolutions(space, {160}));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Encoder encoder,
                              Encoder::Create(Encoding::kOfaResNet, small, {128, 160, 192, 224}));

  EXPECT_EQ(encoder.columns(), 78);
  EXPECT_EQ(OnesOf(encoder, arch::MinSubnet(small)).front(), 1);
  EXPECT_THAT(Encoder::Create(Encoding::kOfaResNet, space, {128, 160, 192, 224}),
              StatusIs(absl::StatusCode::kInvalidArgument, "resolution is 144"));
}

TEST(EncoderTest, ResNetRefusesSpacesOfOtherChoices) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_resnet50"));
  const auto refused = [&](const std::string& from, const std::string& to) {
    const std::string text = absl::StrReplaceAll(space.ToTextproto(), {{from, to}});
    EXPECT_NE(text, space.ToTextproto()) << from;
    const auto changed = arch::SearchSpace::FromTextproto(text);
    EXPECT_THAT(changed, IsOk());
    return Encoder::Create(Encoding::kOfaResNet, *changed).status();
  };

  EXPECT_THAT(refused("STEM_RESIDUAL_OPTIONAL", "STEM_RESIDUAL_ALWAYS"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "encoding ofa_resnet does not fit space ofa_resnet50: stem.residual is "
                       "fixed, it must be optional"));
  EXPECT_THAT(refused("0.35", "0.4"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "stages[0].expand_ratios is 0.2, 0.25, 0.4, it must be 0.2, 0.25, 0.35"));
  EXPECT_THAT(refused("0.65", "0.5"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "width_mults is 0.5, 0.8, 1, it must be 0.65, 0.8, 1"));
  EXPECT_THAT(Encoder::Create(Encoding::kOfaMobileNet, space),
              StatusIs(absl::StatusCode::kInvalidArgument, "ofa_mobilenet does not fit space"));
  EXPECT_THAT(Encoder::Create(Encoding::kOfaResNet, SmallSpace()),
              StatusIs(absl::StatusCode::kInvalidArgument, "ofa_resnet does not fit space small"));
}

TEST(EncoderTest, OtherSpaceIsRefusedByName) {
  const arch::SearchSpace small = SmallSpace();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace proxyless,
                              arch::CatalogueSpace("ofa_proxyless_w13"));

  const auto multipliers = Encoder::Create(Encoding::kOfaMobileNet, small);
  const auto blocks = Encoder::Create(Encoding::kOfaTutorial, proxyless);

  EXPECT_THAT(multipliers,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "encoding ofa_mobilenet does not fit space small: width_mults is 0.5, 1"));
  EXPECT_THAT(blocks, StatusIs(absl::StatusCode::kInvalidArgument,
                               "encoding ofa_tutorial does not fit space ofa_proxyless_w13: "
                               "elastic blocks is 21, it must be 20"));
}

TEST(EncoderTest, NamesReadBack) {
  for (const Encoding encoding :
       {Encoding::kOneHot, Encoding::kOfaMobileNet, Encoding::kOfaTutorial, Encoding::kOfaResNet}) {
    EXPECT_THAT(EncodingFromName(EncodingName(encoding)), IsOkAndHolds(encoding));
  }
  EXPECT_THAT(EncodingFromName("onehot"),
              StatusIs(absl::StatusCode::kInvalidArgument, "one_hot, ofa_mobilenet"));
}

}  // namespace
}  // namespace niwaki::predictor
