#include "libs/arch/space.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One static and two elastic stages; every error case is one replacement in it.
constexpr char kText[] = R"(name: "tiny"
description: "For tests."
input_channels: 3
num_classes: 10
resolutions { value: 32 }
resolutions { value: 24 height: 24 width: 20 }
width_mults: [1.0, 0.5]
kernel_transform: KERNEL_TRANSFORM_MATRIX
batch_norm_eps: 0.001
stem { width: 16 kernel_size: 5 stride: 1 activation: ACTIVATION_RELU }
stages { width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 1 no_shortcut: true }
stages { width: 24 stride: 2 depths: [2, 1] kernel_sizes: [5, 3] expand_ratios: [4, 3] }
stages { width: 40 depths: [1] kernel_sizes: [3, 7] expand_ratios: [6] squeeze_excite: true }
head { final_expand_width: 64 feature_mix_width: 80 feature_mix_after_pool: true }
)";

// Bottlenecks with a deep stem and widths of their own.
constexpr char kResidualText[] = R"(name: "residual"
input_channels: 3
num_classes: 10
resolutions { value: 32 }
width_mults: [0.5, 1.0]
width_choice: WIDTH_CHOICE_PER_STAGE
stem { width: 16 second_width: 32 residual: STEM_RESIDUAL_OPTIONAL max_pool: true }
stages { type: BLOCK_TYPE_BOTTLENECK width: 64 depths: [3, 4] base_depth: 2 kernel_sizes: 3 expand_ratios: [0.25, 0.5] }
stages { type: BLOCK_TYPE_BOTTLENECK width: 128 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 0.35 }
)";

std::string Replaced(const std::string& from, const std::string& to,
                     const std::string& base = kText) {
  const std::string text = absl::StrReplaceAll(base, {{from, to}});
  EXPECT_NE(text, base) << "'" << from << "' is not in the text";
  return text;
}

TEST(SpaceTest, ReadsEveryField) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kText));

  EXPECT_EQ(space.name(), "tiny");
  EXPECT_EQ(space.description(), "For tests.");
  EXPECT_EQ(space.input_channels(), 3);
  EXPECT_EQ(space.num_classes(), 10);
  EXPECT_EQ(space.kernel_transform(), KernelTransform::kMatrix);
  EXPECT_EQ(space.batch_norm_eps(), 0.001);
  EXPECT_THAT(space.width_mults(), ElementsAre(0.5, 1.0));
  EXPECT_EQ(space.stem().kernel_size, 5);
  EXPECT_EQ(space.stem().stride, 1);
  EXPECT_EQ(space.stem().activation, Activation::kRelu);
  ASSERT_EQ(space.stages().size(), 3);
  EXPECT_FALSE(space.stages()[0].shortcut);
  EXPECT_TRUE(space.stages()[0].is_static());
  EXPECT_EQ(space.stages()[1].stride, 2);
  EXPECT_EQ(space.stages()[1].activation, Activation::kRelu6);
  EXPECT_TRUE(space.stages()[2].squeeze_excite);
  EXPECT_EQ(space.head().final_expand_width, 64);
  EXPECT_EQ(space.head().feature_mix_width, 80);
  EXPECT_TRUE(space.head().feature_mix_after_pool);
}

TEST(SpaceTest, ReadsResidualFields) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kResidualText));

  EXPECT_EQ(space.width_choice(), WidthChoice::kPerStage);
  EXPECT_EQ(space.stem().second_width, 32);
  EXPECT_EQ(space.stem().last_width(), 32);
  EXPECT_EQ(space.stem().residual, StemResidual::kOptional);
  EXPECT_TRUE(space.stem().max_pool);
  EXPECT_EQ(space.stages()[0].type, BlockType::kBottleneck);
  EXPECT_EQ(space.stages()[0].base_depth, 2);
  EXPECT_THAT(space.stages()[0].expand_ratios, ElementsAre(0.25, 0.5));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace again,
                              SearchSpace::FromTextproto(space.ToTextproto()));
  EXPECT_EQ(again.structure(), space.structure());
  EXPECT_EQ(again.ToTextproto(), space.ToTextproto());
}

TEST(SpaceTest, ResidualGenesFollowTheWidths) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kResidualText));

  // Resolution; stem, second convolution and two stages; the residual convolution; depth; four
  // blocks.
  const GeneLayout& layout = space.layout();
  EXPECT_THAT(layout.widths, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(layout.stem_residual, 5);
  EXPECT_EQ(layout.stages[0].depth, 6);
  EXPECT_THAT(space.gene_sizes(), ElementsAre(1, 2, 2, 2, 2, 2, 2, 1, 2, 1, 2, 1, 2, 1, 2));
  EXPECT_EQ(space.Size(), 16 * 2 * (8 + 16));
}

TEST(SpaceTest, WidthsAreRoundedByTheChannelMultiple) {
  const auto of = [](const std::string& multiple) {
    return SearchSpace::FromTextproto(absl::StrCat(
        "name: 's' input_channels: 1 num_classes: 2 resolutions { value: 32 } ", multiple,
        " stem { width: 12 } "
        "stages { width: 36 depths: 1 kernel_sizes: 3 expand_ratios: 2.5 } head {}"));
  };
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace usual, of(""));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace said, of("channel_multiple: 8"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace exact, of("channel_multiple: 1"));

  EXPECT_EQ(usual.channel_multiple(), 8);
  EXPECT_EQ(said.structure(), usual.structure());
  EXPECT_EQ(said.ToTextproto(), usual.ToTextproto());
  EXPECT_NE(exact.structure(), usual.structure());
  EXPECT_EQ(exact.channel_multiple(), 1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace again,
                              SearchSpace::FromTextproto(exact.ToTextproto()));
  EXPECT_EQ(again.structure(), exact.structure());
  EXPECT_THAT(of("channel_multiple: 65"),
              StatusIs(absl::StatusCode::kInvalidArgument, "channel_multiple"));
  EXPECT_THAT(of("channel_multiple: -8"),
              StatusIs(absl::StatusCode::kInvalidArgument, "channel_multiple"));
}

TEST(SpaceTest, StructureKnowsTheResidualFields) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kResidualText));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"PER_STAGE", "GLOBAL"},
           {"second_width: 32", ""},
           {"OPTIONAL", "ALWAYS"},
           {"max_pool: true", ""},
           {"base_depth: 2", "base_depth: 1"},
           {"type: BLOCK_TYPE_BOTTLENECK width: 64 depths: [3, 4] base_depth: 2 kernel_sizes: 3 "
            "expand_ratios: [0.25, 0.5]",
            "width: 64 depths: [3, 4] base_depth: 2 kernel_sizes: 3 expand_ratios: [1, 2]"},
       }) {
    const auto changed = SearchSpace::FromTextproto(Replaced(from, to, kResidualText));
    ASSERT_THAT(changed, IsOk());
    EXPECT_NE(changed->structure(), space.structure()) << to;
  }
}

TEST(SpaceTest, SortsChoices) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kText));

  EXPECT_EQ(space.resolutions()[0].value, 24);
  EXPECT_EQ(space.resolutions()[0].width, 20);
  EXPECT_EQ(space.resolutions()[1].height, 32);
  EXPECT_THAT(space.stages()[1].depths, ElementsAre(1, 2));
  EXPECT_THAT(space.stages()[1].kernel_sizes, ElementsAre(3, 5));
  EXPECT_THAT(space.stages()[1].expand_ratios, ElementsAre(3.0, 4.0));
}

TEST(SpaceTest, LayoutNumbersTheGenes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kText));

  const GeneLayout& layout = space.layout();
  EXPECT_THAT(layout.genes_of_stage, ElementsAre(-1, 0, 1));
  EXPECT_EQ(layout.num_blocks, 3);
  EXPECT_EQ(layout.stages[1].first_block, 2);
  EXPECT_EQ(layout.kernel_sizes, 4);
  EXPECT_THAT(space.gene_sizes(), ElementsAre(2, 2, 2, 1, 2, 2, 2, 2, 2, 1));
}

TEST(SpaceTest, CanonicalTextIsStable) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kText));
  const std::string text = space.ToTextproto();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace again, SearchSpace::FromTextproto(text));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const SearchSpace reordered,
      SearchSpace::FromTextproto(Replaced("width_mults: [1.0, 0.5]", "width_mults: [0.5, 1]")));

  EXPECT_EQ(again.ToTextproto(), text);
  EXPECT_EQ(again.structure(), space.structure());
  EXPECT_EQ(reordered.ToTextproto(), text);
}

TEST(SpaceTest, StructureIgnoresOnlyTheNames) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kText));
  const auto structure_with = [](const std::string& from, const std::string& to) {
    const auto changed = SearchSpace::FromTextproto(Replaced(from, to));
    EXPECT_THAT(changed, IsOk());
    return changed->structure();
  };

  EXPECT_EQ(structure_with("tiny", "other"), space.structure());
  EXPECT_EQ(structure_with("For tests.", "Else."), space.structure());
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"input_channels: 3", "input_channels: 1"},
           {"num_classes: 10", "num_classes: 11"},
           {"value: 32", "value: 40"},
           {"width: 20", "width: 21"},
           {"0.5]", "0.25]"},
           {"TRANSFORM_MATRIX", "TRANSFORM_CROP"},
           {"0.001", "0.01"},
           {"kernel_size: 5", "kernel_size: 3"},
           {"ACTIVATION_RELU", "ACTIVATION_RELU6"},
           {"stride: 2", "stride: 1"},
           {"depths: [2, 1]", "depths: [2]"},
           {"[3, 7]", "[3, 5]"},
           {"[6]", "[5]"},
           {"no_shortcut: true", ""},
           {"squeeze_excite: true", ""},
           {"final_expand_width: 64", "final_expand_width: 72"},
           {"feature_mix_width: 80", ""},
           {"feature_mix_after_pool: true", ""},
           {"feature_mix_after_pool", "scale_feature_mix_only_up"},
       }) {
    EXPECT_NE(structure_with(from, to), space.structure()) << to;
  }
}

TEST(SpaceTest, UnsetFieldsHaveDefaults) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(R"(
      name: "least" input_channels: 1 num_classes: 2 resolutions { value: 8 } stem { width: 8 }
      stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 })"));

  EXPECT_THAT(space.width_mults(), ElementsAre(1.0));
  EXPECT_EQ(space.kernel_transform(), KernelTransform::kCrop);
  EXPECT_EQ(space.batch_norm_eps(), 1e-5);
  EXPECT_EQ(space.stem().kernel_size, 3);
  EXPECT_EQ(space.stem().stride, 2);
  EXPECT_EQ(space.stem().activation, Activation::kRelu6);
  EXPECT_EQ(space.stages()[0].stride, 1);
  EXPECT_TRUE(space.stages()[0].shortcut);
  EXPECT_EQ(space.layout().num_genes, 2);
}

TEST(SpaceTest, SizeCountsCanonicalSubnets) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kText));

  // 2 resolutions, 2 widths, (2*2 + (2*2)^2) and 2 choices of the stages.
  EXPECT_EQ(space.Size(), 2 * 2 * (4 + 16) * 2);
}

TEST(SpaceTest, NumberOfClassesCanChange) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(kText));

  const SearchSpace other = space.WithNumClasses(100);

  EXPECT_EQ(other.num_classes(), 100);
  EXPECT_NE(other.structure(), space.structure());
  EXPECT_EQ(other.WithNumClasses(10).structure(), space.structure());
}

struct Defect {
  const char* from;
  const char* to;
  const char* field;
  const char* value;
  const char* limit;
};

class SpaceDefectTest : public ::testing::TestWithParam<Defect> {};

TEST_P(SpaceDefectTest, NamesFieldValueAndLimit) {
  const Defect& defect = GetParam();

  const auto space = SearchSpace::FromTextproto(Replaced(defect.from, defect.to));

  ASSERT_THAT(space, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  const ErrorDetail detail = *GetErrorDetail(space.status());
  EXPECT_EQ(detail.field, defect.field);
  EXPECT_EQ(detail.value, defect.value);
  EXPECT_EQ(detail.limit, defect.limit);
  EXPECT_THAT(std::string(space.status().message()), HasSubstr(defect.field));
}

constexpr char kNameLimit[] = "1 to 63 lower-case letters, digits, '_' and '-'";

INSTANTIATE_TEST_SUITE_P(
    Defects, SpaceDefectTest,
    ::testing::Values(
        Defect{"\"tiny\"", "\"\"", "name", "", kNameLimit},
        Defect{"\"tiny\"", "\"Tiny\"", "name", "Tiny", kNameLimit},
        Defect{"\"tiny\"", "\"../x\"", "name", "../x", kNameLimit},
        Defect{"\"tiny\"", "\"\\377\"", "name", "\\xff", kNameLimit},
        Defect{"For tests.", "\\377", "description", "1 bytes", "UTF-8 without control characters"},
        Defect{"For tests.", "a\\nb", "description", "3 bytes", "UTF-8 without control characters"},
        Defect{"input_channels: 3", "", "input_channels", "0", "1 to 1024"},
        Defect{"num_classes: 10", "num_classes: 1", "num_classes", "1", "2 to 100000"},
        Defect{"num_classes: 10", "num_classes: -7", "num_classes", "-7", "2 to 100000"},
        Defect{"value: 32", "value: 7", "resolutions[0].value", "7", "8 to 4096"},
        Defect{"value: 32", "value: 24", "resolutions[1].value", "24", "not a repetition"},
        Defect{"height: 24", "height: 0", "resolutions[1].height", "0", "1 to 4096"},
        Defect{"width: 20", "width: 5000", "resolutions[1].width", "5000", "1 to 4096"},
        Defect{"height: 24 width: 20", "height: 32 width: 32", "resolutions[1]", "32x32",
               "not a repetition of another choice's size"},
        Defect{"0.5]", "1.0]", "width_mults[1]", "1", "not a repetition"},
        Defect{"0.5]", "0]", "width_mults[1]", "0", "above 0 and at most 8"},
        Defect{"0.5]", "nan]", "width_mults[1]", "nan", "above 0 and at most 8"},
        Defect{"0.5]", "inf]", "width_mults[1]", "inf", "above 0 and at most 8"},
        Defect{"KERNEL_TRANSFORM_MATRIX", "9", "kernel_transform", "9",
               "a value of niwaki.v1.KernelTransform"},
        Defect{"0.001", "0", "batch_norm_eps", "0", "above 0 and at most 1"},
        Defect{"0.001", "nan", "batch_norm_eps", "nan", "above 0 and at most 1"},
        Defect{"stem { width: 16", "stem { width: 0", "stem.width", "0", "1 to 4096"},
        Defect{"kernel_size: 5", "kernel_size: 4", "stem.kernel_size", "4", "odd, 1 to 7"},
        Defect{"kernel_size: 5", "kernel_size: 9", "stem.kernel_size", "9", "odd, 1 to 7"},
        Defect{"stride: 1", "stride: 3", "stem.stride", "3", "1 to 2"},
        Defect{"ACTIVATION_RELU", "77", "stem.activation", "77", "a value of niwaki.v1.Activation"},
        Defect{"width: 24 stride: 2", "width: 24 stride: 4", "stages[1].stride", "4", "1 to 2"},
        Defect{"width: 40", "width: 4097", "stages[2].width", "4097", "1 to 4096"},
        Defect{"width: 40", "type: 5 width: 40", "stages[2].type", "5",
               "a value of niwaki.v1.BlockType"},
        Defect{"depths: [2, 1]", "", "stages[1].depths", "0 choices", "1 to 128 choices"},
        Defect{"depths: [2, 1]", "depths: [2, 17]", "stages[1].depths[1]", "17", "1 to 16"},
        Defect{"depths: [2, 1]", "depths: [2, 2]", "stages[1].depths[1]", "2", "not a repetition"},
        Defect{"[3, 7]", "[3, 9]", "stages[2].kernel_sizes[1]", "9", "odd, 3 to 7"},
        Defect{"[3, 7]", "[1]", "stages[2].kernel_sizes[0]", "1", "odd, 3 to 7"},
        Defect{"[4, 3]", "[4, 0.5]", "stages[1].expand_ratios[1]", "0.5", "1 to 16"},
        Defect{"[4, 3]", "[4, nan]", "stages[1].expand_ratios[1]", "nan", "1 to 16"},
        Defect{"width: 40 depths: [1] kernel_sizes: [3, 7] expand_ratios: [6]",
               "width: 4096 depths: [1] kernel_sizes: [3, 7] expand_ratios: [16]",
               "stages[2].expand_ratios[0]", "16 times 4096 channels", "at most 32768 channels"},
        Defect{"final_expand_width: 64", "final_expand_width: -1", "head.final_expand_width", "-1",
               "1 to 4096"},
        Defect{"feature_mix_width: 80", "feature_mix_width: 5000", "head.feature_mix_width", "5000",
               "1 to 4096"}));

class ResidualDefectTest : public ::testing::TestWithParam<Defect> {};

TEST_P(ResidualDefectTest, NamesFieldValueAndLimit) {
  const Defect& defect = GetParam();

  const auto space = SearchSpace::FromTextproto(Replaced(defect.from, defect.to, kResidualText));

  ASSERT_THAT(space, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  const ErrorDetail detail = *GetErrorDetail(space.status());
  EXPECT_EQ(detail.field, defect.field);
  EXPECT_EQ(detail.value, defect.value);
  EXPECT_EQ(detail.limit, defect.limit);
}

INSTANTIATE_TEST_SUITE_P(
    Defects, ResidualDefectTest,
    ::testing::Values(
        Defect{"WIDTH_CHOICE_PER_STAGE", "7", "width_choice", "7",
               "a value of niwaki.v1.WidthChoice"},
        Defect{"second_width: 32", "second_width: -1", "stem.second_width", "-1", "1 to 4096"},
        Defect{"second_width: 32", "second_width: 4097", "stem.second_width", "4097", "1 to 4096"},
        Defect{"STEM_RESIDUAL_OPTIONAL", "9", "stem.residual", "9",
               "a value of niwaki.v1.StemResidual"},
        Defect{"base_depth: 2", "base_depth: 4", "stages[0].base_depth", "4", "0 to 3"},
        Defect{"base_depth: 2", "base_depth: -1", "stages[0].base_depth", "-1", "0 to 3"},
        Defect{"kernel_sizes: 5", "kernel_sizes: [3, 5]", "stages[1].kernel_sizes", "2 choices",
               "1 choice in a bottleneck"},
        Defect{"0.35", "0.35 squeeze_excite: true", "stages[1].squeeze_excite", "true",
               "false in a bottleneck"},
        Defect{"0.35", "0.35 no_shortcut: true", "stages[1].no_shortcut", "true",
               "false in a bottleneck"},
        Defect{"0.35", "0.001", "stages[1].expand_ratios[0]", "0.001", "0.01 to 4"},
        Defect{"0.35", "nan", "stages[1].expand_ratios[0]", "nan", "0.01 to 4"},
        Defect{"width: 128 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 0.35",
               "width: 4096 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 2",
               "stages[1].expand_ratios[0]", "2 times 4096 channels", "at most 4096 channels"}));

TEST(SpaceTest, WidthTimesMultiplierIsLimited) {
  const auto space = SearchSpace::FromTextproto(absl::StrReplaceAll(
      kText, {{"[1.0, 0.5]", "[8]"}, {"final_expand_width: 64", "final_expand_width: 4096"}}));

  ASSERT_THAT(space, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  EXPECT_EQ(GetErrorDetail(space.status())->field, "head.final_expand_width");
  EXPECT_EQ(GetErrorDetail(space.status())->limit, "at most 8192 after width_mult");
}

TEST(SpaceTest, SyntaxErrorHasLineAndColumn) {
  const auto space = SearchSpace::FromTextproto("name: \"x\"\nnum_classes: ten\n");

  ASSERT_THAT(space, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  EXPECT_EQ(GetErrorDetail(space.status())->field, "line 2, column 14");
  EXPECT_EQ(GetErrorDetail(space.status())->value, "num_classes: ten");
}

TEST(SpaceTest, UnknownFieldHasLineAndColumn) {
  const auto space = SearchSpace::FromTextproto(Replaced("head {", "head { dropout: 1"));

  ASSERT_THAT(space, StatusIs(absl::StatusCode::kInvalidArgument, "dropout"));
  EXPECT_THAT(GetErrorDetail(space.status())->field, HasSubstr("line 14, column "));
}

TEST(SpaceTest, NonsenseIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("\0\xff\xfe", 3), std::string(kText) + "}",
        std::string(kText).substr(0, 200), std::string(size_t{2} << 20, ' ')}) {
    EXPECT_THAT(SearchSpace::FromTextproto(text),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  }
}

TEST(SpaceTest, TooManyStagesAreRefused) {
  std::string text = kText;
  for (int i = 0; i < 30; ++i) {
    text += "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 }\n";
  }

  EXPECT_THAT(SearchSpace::FromTextproto(text),
              StatusIs(absl::StatusCode::kInvalidArgument, "stages is 33 stages"));
}

TEST(SpaceTest, WidthsRoundAsTheReference) {
  EXPECT_EQ(MakeDivisible(1), 8);
  EXPECT_EQ(MakeDivisible(11.2), 16);
  EXPECT_EQ(MakeDivisible(12), 16);
  EXPECT_EQ(MakeDivisible(19.2), 24);
  EXPECT_EQ(MakeDivisible(28), 32);
  EXPECT_EQ(MakeDivisible(33.6), 32);
  EXPECT_EQ(ScaleWidth(112, 1.2), 136);
  EXPECT_EQ(ScaleWidth(960, 1.2), 1152);
  EXPECT_EQ(ScaleWidth(12, 1, 1), 12);
  EXPECT_EQ(ScaleWidth(12, 1), 16);
  EXPECT_EQ(ExpandedWidth(12, 3, 1), 36);
  EXPECT_EQ(ExpandedWidth(24, 6), 144);
  // 4.5 * 16 is 72; halves round to even: 8 * 1.5625 = 12.5 to 12, which is then 16.
  EXPECT_EQ(ExpandedWidth(16, 4.5), 72);
  EXPECT_EQ(ExpandedWidth(8, 1.5625), 16);
}

}  // namespace
}  // namespace niwaki::arch
