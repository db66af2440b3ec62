#include "libs/interchange/ofa/net_config.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/json.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/fixed_space.h"

namespace niwaki::interchange {
namespace {

using ::testing::ElementsAre;

// A MobileNetV3 of three blocks in the words of OFA's files.
constexpr char kMobileNet[] = R"({
  "name": "MobileNetV3", "bn": {"momentum": 0.1, "eps": 1e-05},
  "first_conv": {"name": "ConvLayer", "kernel_size": 3, "stride": 2, "dilation": 1, "groups": 1,
    "bias": false, "has_shuffle": false, "in_channels": 3, "out_channels": 16, "use_bn": true,
    "act_func": "h_swish", "dropout_rate": 0, "ops_order": "weight_bn_act"},
  "blocks": [
    {"name": "MobileInvertedResidualBlock",
     "mobile_inverted_conv": {"name": "MBInvertedConvLayer", "in_channels": 16,
       "out_channels": 16, "kernel_size": 3, "stride": 1, "expand_ratio": 1, "mid_channels": null,
       "act_func": "relu", "use_se": false},
     "shortcut": {"name": "IdentityLayer", "in_channels": [16], "out_channels": [16]}},
    {"name": "MobileInvertedResidualBlock",
     "mobile_inverted_conv": {"name": "ZeroLayer", "stride": 1},
     "shortcut": {"name": "IdentityLayer", "in_channels": [16], "out_channels": [16]}},
    {"name": "ResidualBlock",
     "conv": {"name": "MBInvertedConvLayer", "in_channels": 16, "out_channels": 24,
       "kernel_size": 5, "stride": 2, "expand_ratio": 4, "mid_channels": 72,
       "act_func": "h_swish", "use_se": true},
     "shortcut": null}],
  "final_expand_layer": {"name": "ConvLayer", "kernel_size": 1, "stride": 1, "in_channels": 24,
    "out_channels": 96, "use_bn": true, "bias": false, "act_func": "h_swish"},
  "feature_mix_layer": {"name": "ConvLayer", "kernel_size": 1, "stride": 1, "in_channels": 96,
    "out_channels": 128, "use_bn": false, "bias": false, "act_func": "h_swish"},
  "classifier": {"name": "LinearLayer", "in_features": 128, "out_features": 10, "bias": true,
    "use_bn": false, "act_func": null, "dropout_rate": 0.1}
})";

absl::StatusOr<NetConfig> Read(const std::string& json, int resolution = 64) {
  ReadNetConfigOptions options;
  options.resolution = {resolution, resolution};
  return ReadNetConfig(json, options);
}

TEST(NetConfigTest, ReadsAMobileNet) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(kMobileNet));

  const arch::SearchSpace& space = config.space;
  EXPECT_THAT(config.blocks, ElementsAre(0, 2));
  ASSERT_EQ(space.stages().size(), 2u);
  EXPECT_EQ(space.num_classes(), 10);
  EXPECT_EQ(space.resolutions().front().value, 64);
  EXPECT_EQ(space.stages()[0].activation, arch::Activation::kRelu);
  EXPECT_TRUE(arch::HasShortcut(space, 0, 0));
  EXPECT_TRUE(space.stages()[1].squeeze_excite);
  // mid_channels rules where expand_ratio is rounded.
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  for (const arch::Op& op : graph.ops) {
    if (op.weight < 0 || graph.weights[op.weight].role != arch::WeightRole::kExpand) continue;
    EXPECT_EQ(graph.shape(op.output).channels, 72);
  }
  EXPECT_EQ(space.head().final_expand_width, 96);
  EXPECT_TRUE(space.head().feature_mix_after_pool);
}

TEST(NetConfigTest, WritesWhatItReads) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(kMobileNet));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(config.space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig again, Read(text, /*resolution=*/0));

  EXPECT_EQ(again.space.structure(), config.space.structure());
  EXPECT_THAT(again.blocks, ElementsAre(0, 1));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(text, "text"));
  EXPECT_EQ(json["blocks"][1]["mobile_inverted_conv"]["mid_channels"], 72);
  EXPECT_TRUE(json["blocks"][0]["mobile_inverted_conv"]["mid_channels"].is_null());
  EXPECT_TRUE(json["blocks"][1]["shortcut"].is_null());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImageSize size,
                              ReadImageSize(WriteRunConfig(config.space), "run.config"));
  EXPECT_EQ(size.height, 64);
  EXPECT_EQ(size.width, 64);
}

TEST(NetConfigTest, ReadsAProxylessNetWithoutMixLayer) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(kMobileNet, "net"));
  net["name"] = "ProxylessNASNets";
  net["final_expand_layer"] = nullptr;
  net["feature_mix_layer"] = nullptr;
  net["classifier"]["in_features"] = 24;
  net["resolution"] = 48;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(net.dump(), /*resolution=*/0));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(config.space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig again, Read(text, /*resolution=*/0));

  EXPECT_EQ(config.space.resolutions().front().value, 48);
  EXPECT_EQ(config.space.head().feature_mix_width, 0);
  EXPECT_EQ(again.space.structure(), config.space.structure());
}

constexpr char kResNet[] =
    "name: 'r' input_channels: 3 num_classes: 10 resolutions { value: 64 } "
    "stem { width: 8 activation: ACTIVATION_RELU second_width: 16 residual: STEM_RESIDUAL_ALWAYS "
    "max_pool: true } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 64 depths: 1 kernel_sizes: 3 expand_ratios: 0.2 "
    "activation: ACTIVATION_RELU } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 64 depths: 1 kernel_sizes: 3 expand_ratios: 0.35 "
    "activation: ACTIVATION_RELU } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 128 stride: 2 depths: 1 kernel_sizes: 3 "
    "expand_ratios: 0.25 activation: ACTIVATION_RELU } head {}";

TEST(NetConfigTest, WritesAndReadsAResNet) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::SearchSpace::FromTextproto(kResNet));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(text, /*resolution=*/0));

  EXPECT_EQ(config.space.structure(), space.structure());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(text, "text"));
  EXPECT_EQ(json["name"], "ResNets");
  EXPECT_EQ(json["input_stem"].size(), 3u);
  EXPECT_EQ(json["blocks"][1]["mid_channels"], 24);
}

TEST(NetConfigTest, WrongResNetsAreRefusedWithPlace) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::SearchSpace::FromTextproto(kResNet));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(space));
  const std::pair<const char*, const char*> cases[] = {{"/input_stem", "[]"},
                                                       {"/input_stem/1/conv/out_channels", "16"},
                                                       {"/input_stem/2/stride", "2"},
                                                       {"/input_stem/2/kernel_size", "5"},
                                                       {"/input_stem/2/act_func", "\"relu6\""},
                                                       {"/blocks/0/groups", "2"},
                                                       {"/blocks/1/downsample_mode", "\"conv\""},
                                                       {"/blocks/1/in_channels", "8"},
                                                       {"/blocks/1/mid_channels", "0"},
                                                       {"/feature_mix_layer", "{}"},
                                                       {"/first_conv", "{}"}};

  for (const auto& [place, value] : cases) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(text, "net"));
    net[Json::json_pointer(place)] = Json::parse(value);

    EXPECT_THAT(Read(net.dump()),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << place;
  }
}

struct BadCase {
  const char* name;
  // JSON pointer and what is put there.
  const char* place;
  const char* value;
  const char* message;
};

class NetConfigBadTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(NetConfigBadTest, IsRefusedWithPlace) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(kMobileNet, "net"));
  net[Json::json_pointer(GetParam().place)] = Json::parse(GetParam().value);

  const auto config = Read(net.dump());

  EXPECT_THAT(config, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, NetConfigBadTest,
    ::testing::Values(
        BadCase{"Name", "/name", R"("DenseNet")", "name is \"DenseNet\"; it must be MobileNetV3"},
        BadCase{"Extra", "/extra", "1", "extra is 1; it must be absent"},
        BadCase{"Standardised", "/bn/ws_eps", "1e-5", "bn.ws_eps"},
        BadCase{"Eps", "/bn/eps", "0", "bn.eps is 0"},
        BadCase{"StemInput", "/first_conv/in_channels", "0", "first_conv.in_channels is 0"},
        BadCase{"StemWidth", "/first_conv/out_channels", "12", "in_channels is 16; it must be 12"},
        BadCase{"Groups", "/first_conv/groups", "2", "first_conv.groups is 2"},
        BadCase{"Bias", "/first_conv/bias", "true", "first_conv.bias is true"},
        BadCase{"Swish", "/first_conv/act_func", R"("swish")", "first_conv.act_func"},
        BadCase{"Blocks", "/blocks", "3", "blocks is 3"},
        BadCase{"Block", "/blocks/2", "3", "blocks[2] is 3"},
        BadCase{"NothingAtAll", "/blocks/1/shortcut", "null", "blocks[1].shortcut"},
        BadCase{"Channels", "/blocks/2/conv/in_channels", "24", "blocks[2].conv.in_channels is 24"},
        BadCase{"Width", "/blocks/2/conv/out_channels", "20", "in_channels is 24; it must be 20"},
        BadCase{
            "Middle", "/blocks/2/conv/mid_channels", "12",
            "blocks[2].conv.mid_channels is 12; it must be one that makes no fewer than the 16"},
        BadCase{"Resolution", "/resolution", "[64, 64, 3]", "resolution is [64,64,3]"},
        BadCase{"Kernel", "/blocks/2/conv/kernel_size", "[3, 5]", "blocks[2].conv.kernel_size"},
        BadCase{"Gate", "/blocks/2/conv/use_se", "1", "blocks[2].conv.use_se is 1"},
        BadCase{"Layer", "/blocks/2/conv/name", R"("BottleneckConv")", "blocks[2].conv.name"},
        BadCase{"Shortcut", "/blocks/2/shortcut", R"({"name": "IdentityLayer"})",
                "blocks[2].shortcut"},
        BadCase{"ConvShortcut", "/blocks/0/shortcut", R"({"name": "ConvLayer"})",
                "blocks[0].shortcut.name is \"ConvLayer\""},
        BadCase{"MixNorm", "/feature_mix_layer/use_bn", "true", "feature_mix_layer.use_bn is true"},
        BadCase{"MixKernel", "/feature_mix_layer/kernel_size", "3", "feature_mix_layer.kernel"},
        BadCase{"NoMix", "/feature_mix_layer", "null", "feature_mix_layer is null"},
        BadCase{"Features", "/classifier/in_features", "96", "classifier.in_features is 96"},
        BadCase{"Classes", "/classifier/out_features", R"("ten")", "classifier.out_features"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(NetConfigTest, LimitsOfASpaceHold) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(kMobileNet, "net"));
  net["blocks"][2]["conv"]["kernel_size"] = 9;

  EXPECT_THAT(Read(net.dump()),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
}

TEST(NetConfigTest, ResolutionMustBeGiven) {
  EXPECT_THAT(Read(kMobileNet, /*resolution=*/0),
              StatusIs(absl::StatusCode::kInvalidArgument, "resolution is null"));
  EXPECT_THAT(ReadImageSize("{}", "run.config"),
              StatusIs(absl::StatusCode::kInvalidArgument, "image_size is null"));
  EXPECT_THAT(Read("[]"), StatusIs(absl::StatusCode::kInvalidArgument, "a JSON object"));
  EXPECT_THAT(Read("{"), StatusIs(absl::StatusCode::kInvalidArgument, "net.config"));
}

TEST(NetConfigTest, InexpressibleNetworkIsNotWritten) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const arch::SearchSpace space,
      arch::SearchSpace::FromTextproto(
          "name: 's' num_classes: 10 input_channels: 3 resolutions { value: 32 } stem { width: 8 } "
          "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 3 } "
          "head { final_expand_width: 64 }"));

  EXPECT_THAT(WriteNetConfig(space),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
}

// Widths of pruned networks, and those of people who never heard of multiples of 8.
TEST(NetConfigTest, WidthsAreWhatTheyAre) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(kMobileNet, "net"));
  net["first_conv"]["out_channels"] = 12;
  Json& first = net["blocks"][0]["mobile_inverted_conv"];
  first["in_channels"] = 12;
  first["out_channels"] = 12;
  Json& last = net["blocks"][2]["conv"];
  last["in_channels"] = 12;
  last["out_channels"] = 36;
  last["expand_ratio"] = 3;
  last["mid_channels"] = 35;
  last["use_se"] = false;
  net["final_expand_layer"]["in_channels"] = 36;
  net["final_expand_layer"]["out_channels"] = 97;
  net["feature_mix_layer"]["in_channels"] = 97;
  net["feature_mix_layer"]["out_channels"] = 1;
  net["classifier"]["in_features"] = 1;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(net.dump()));

  EXPECT_EQ(config.space.channel_multiple(), 1);
  const arch::Graph graph = arch::BuildGraph(config.space, arch::MaxSubnet(config.space));
  std::vector<int> widths;
  for (const arch::Op& op : graph.ops) {
    if (op.weight >= 0) widths.push_back(graph.shape(op.output).channels);
  }
  EXPECT_THAT(widths, ElementsAre(12, 12, 12, 35, 35, 36, 97, 1, 10));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(config.space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig again, Read(text, /*resolution=*/0));
  EXPECT_EQ(again.space.structure(), config.space.structure());
}

// Without mid_channels the reference rounds the product to whole channels.
TEST(NetConfigTest, RatioWithoutMiddleIsRounded) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(kMobileNet, "net"));
  net["blocks"][2]["conv"].erase("mid_channels");
  for (const auto& [ratio, middle] : {std::pair<double, int>{3, 48}, {2.2, 35}, {1.01, 16}}) {
    net["blocks"][2]["conv"]["expand_ratio"] = ratio;

    NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(net.dump()));

    const arch::Graph graph = arch::BuildGraph(config.space, arch::MaxSubnet(config.space));
    int expansions = 0;
    for (const arch::Op& op : graph.ops) {
      if (op.weight < 0 || graph.weights[op.weight].role != arch::WeightRole::kExpand) continue;
      ++expansions;
      EXPECT_EQ(graph.shape(op.output).channels, middle);
    }
    EXPECT_EQ(expansions, 1) << ratio;
  }
}

// As many channels inside as outside, and yet a convolution that makes them.
TEST(NetConfigTest, ExpansionToTheSameWidthKeepsItsConvolution) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(kMobileNet, "net"));
  net["blocks"][2]["conv"]["expand_ratio"] = 6;
  net["blocks"][2]["conv"]["mid_channels"] = 16;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(net.dump()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(config.space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig again, Read(text, /*resolution=*/0));

  const arch::Graph graph = arch::BuildGraph(config.space, arch::MaxSubnet(config.space));
  EXPECT_EQ(std::count_if(graph.weights.begin(), graph.weights.end(),
                          [](const arch::Weight& weight) {
                            return weight.role == arch::WeightRole::kExpand;
                          }),
            1);
  EXPECT_EQ(again.space.structure(), config.space.structure());
}

TEST(NetConfigTest, InputHasTheChannelsAndSidesThatItHas) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(Json net, ParseJson(kMobileNet, "net"));
  net["first_conv"]["in_channels"] = 1;
  net["resolution"] = {49, 40};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(net.dump(), /*resolution=*/0));

  EXPECT_EQ(config.space.input_channels(), 1);
  EXPECT_EQ(config.space.resolutions().front().value, 49);
  EXPECT_EQ(config.space.resolutions().front().height, 49);
  EXPECT_EQ(config.space.resolutions().front().width, 40);
  net["resolution"] = {5, 600};
  net["resolution_value"] = 32;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig named, Read(net.dump(), /*resolution=*/0));
  EXPECT_EQ(named.space.resolutions().front().value, 32);
  EXPECT_EQ(named.space.resolutions().front().width, 600);
}

// Whatever network of whatever space of the catalogue goes out comes back operator for operator.
TEST(NetConfigTest, EveryNetworkOfTheCatalogueComesBack) {
  Random random(20261130);
  for (const std::string& name : arch::CatalogueNames()) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    for (int i = 0; i < 10; ++i) {
      const arch::Subnet subnet = arch::SampleSubnet(space, random);
      SCOPED_TRACE(arch::ToJson(space, subnet));
      NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace fixed, FixedSpace(space, subnet, "one"));
      NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, WriteNetConfig(fixed));
      NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config, Read(text, /*resolution=*/0));

      EXPECT_EQ(config.space.input_channels(), space.input_channels());
      const arch::Graph graph = arch::BuildGraph(config.space, arch::MaxSubnet(config.space));
      const arch::Graph expected = arch::BuildGraph(space, subnet);
      EXPECT_EQ(arch::CountMacs(graph), arch::CountMacs(expected));
      EXPECT_EQ(arch::CountParams(graph), arch::CountParams(expected));
      ASSERT_EQ(graph.tensors.size(), expected.tensors.size());
      for (size_t t = 0; t < graph.tensors.size(); ++t) {
        EXPECT_EQ(graph.tensors[t].channels, expected.tensors[t].channels);
        EXPECT_EQ(graph.tensors[t].height, expected.tensors[t].height);
        EXPECT_EQ(graph.tensors[t].width, expected.tensors[t].width);
      }
      if (!space.head().scale_feature_mix_only_up) {
        EXPECT_EQ(config.space.structure(), fixed.structure());
      }
    }
  }
}

}  // namespace
}  // namespace niwaki::interchange
