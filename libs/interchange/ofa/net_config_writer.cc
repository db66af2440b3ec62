#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/interchange/ofa/net_config.h"

namespace niwaki::interchange {
namespace {

Json ActivationJson(arch::Activation activation) {
  switch (activation) {
    case arch::Activation::kRelu:
      return "relu";
    case arch::Activation::kRelu6:
      return "relu6";
    case arch::Activation::kHardSwish:
      return "h_swish";
    case arch::Activation::kNone:
      break;
  }
  return nullptr;
}

struct Conv {
  int in = 0;
  int out = 0;
  int kernel_size = 1;
  int stride = 1;
  bool use_bn = true;
  arch::Activation activation = arch::Activation::kNone;
};

Json ConvJson(const Conv& conv) {
  return Json{{"name", "ConvLayer"},
              {"kernel_size", conv.kernel_size},
              {"stride", conv.stride},
              {"dilation", 1},
              {"groups", 1},
              {"bias", false},
              {"has_shuffle", false},
              {"in_channels", conv.in},
              {"out_channels", conv.out},
              {"use_bn", conv.use_bn},
              {"act_func", ActivationJson(conv.activation)},
              {"dropout_rate", 0},
              {"ops_order", "weight_bn_act"}};
}

Json IdentityJson(int channels) {
  return Json{{"name", "IdentityLayer"},     {"in_channels", {channels}},
              {"out_channels", {channels}},  {"use_bn", false},
              {"act_func", nullptr},         {"dropout_rate", 0},
              {"ops_order", "weight_bn_act"}};
}

// Whole ratios as integers, as the reference has them.
Json RatioJson(double ratio) {
  if (ratio == static_cast<int>(ratio)) return static_cast<int>(ratio);
  return ratio;
}

Json SizeJson(const arch::Resolution& input) {
  if (input.height == input.width) return input.height;
  return Json{input.height, input.width};
}

Json BlockJson(const arch::SearchSpace& fixed, int s, int in_channels) {
  const arch::Stage& stage = fixed.stages()[s];
  const double ratio = stage.expand_ratios.front();
  Json block = {{"name", "MobileInvertedResidualBlock"}};
  Json& conv = block["mobile_inverted_conv"];
  conv["name"] = "MBInvertedConvLayer";
  conv["in_channels"] = in_channels;
  conv["out_channels"] = stage.width;
  conv["kernel_size"] = stage.kernel_sizes.front();
  conv["stride"] = stage.stride;
  conv["expand_ratio"] = RatioJson(ratio);
  conv["mid_channels"] =
      ratio == 1 ? Json() : Json(arch::ExpandedWidth(in_channels, ratio, fixed.channel_multiple()));
  conv["act_func"] = ActivationJson(stage.activation);
  conv["use_se"] = stage.squeeze_excite;
  block["shortcut"] = arch::HasShortcut(fixed, s, 0) ? IdentityJson(in_channels) : Json();
  return block;
}

bool IsResNet(const arch::SearchSpace& fixed) {
  return fixed.stages().front().type == arch::BlockType::kBottleneck;
}

Json BottleneckJson(const arch::SearchSpace& fixed, const arch::Stage& stage, int in_channels) {
  const double ratio = stage.expand_ratios.front();
  return Json{{"name", "ResNetBottleneckBlock"},
              {"in_channels", in_channels},
              {"out_channels", stage.width},
              {"kernel_size", stage.kernel_sizes.front()},
              {"stride", stage.stride},
              {"expand_ratio", RatioJson(ratio)},
              {"mid_channels", arch::ExpandedWidth(stage.width, ratio, fixed.channel_multiple())},
              {"act_func", ActivationJson(stage.activation)},
              {"groups", 1},
              {"downsample_mode", "avgpool_conv"}};
}

Json DeepStemJson(const arch::SearchSpace& fixed) {
  const arch::Stem& stem = fixed.stem();
  Json layers = Json::array();
  layers.push_back(ConvJson(
      {fixed.input_channels(), stem.width, stem.kernel_size, stem.stride, true, stem.activation}));
  if (stem.residual == arch::StemResidual::kAlways) {
    Json residual = {{"name", "ResidualBlock"}};
    residual["conv"] =
        ConvJson({stem.width, stem.width, stem.kernel_size, 1, true, stem.activation});
    residual["shortcut"] = IdentityJson(stem.width);
    layers.push_back(residual);
  }
  layers.push_back(
      ConvJson({stem.width, stem.second_width, stem.kernel_size, 1, true, stem.activation}));
  return layers;
}

// Whether all of the network is as the reference's family has it.
bool HasOneForm(const arch::SearchSpace& fixed) {
  const bool resnet = IsResNet(fixed);
  const arch::Stem& stem = fixed.stem();
  for (const arch::Stage& stage : fixed.stages()) {
    if ((stage.type == arch::BlockType::kBottleneck) != resnet) return false;
  }
  const bool plain_stem =
      stem.second_width == 0 && !stem.max_pool && stem.residual == arch::StemResidual::kNone;
  if (!resnet) return plain_stem;
  return stem.second_width > 0 && stem.max_pool && fixed.head().feature_mix_width == 0 &&
         fixed.head().final_expand_width == 0;
}

absl::Status CheckExpressible(const arch::SearchSpace& fixed) {
  const arch::Head& head = fixed.head();
  const char* problem = nullptr;
  if (head.feature_mix_after_pool != (head.final_expand_width > 0) ||
      (head.feature_mix_after_pool && head.feature_mix_width == 0)) {
    problem = "a head of another form than MobileNetV3's and ProxylessNAS's";
  } else if (!HasOneForm(fixed)) {
    problem = "a mixture of ResNet's layers and others";
  }
  for (const arch::Stage& stage : fixed.stages()) {
    if (stage.max_depth() != 1) problem = "stages of several blocks";
    if (stage.activation == arch::Activation::kNone) problem = "blocks without activation";
  }
  if (problem == nullptr) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
      .Field("space")
      .Value(fixed.name())
      .Message(absl::StrCat("'", fixed.name(), "' has ", problem,
                            ", which OFA's net.config cannot say"));
}

}  // namespace

absl::StatusOr<std::string> WriteNetConfig(const arch::SearchSpace& fixed) {
  if (const absl::Status status = CheckExpressible(fixed); !status.ok()) return status;
  const arch::Head& head = fixed.head();
  const arch::Stem& stem = fixed.stem();
  Json net;
  const bool resnet = IsResNet(fixed);
  net["name"] = resnet                        ? "ResNets"
                : head.feature_mix_after_pool ? "MobileNetV3"
                                              : "ProxylessNASNets";
  net["bn"] = {{"momentum", 0.1}, {"eps", fixed.batch_norm_eps()}};
  if (resnet) {
    net["input_stem"] = DeepStemJson(fixed);
  } else {
    net["first_conv"] = ConvJson(
        {fixed.input_channels(), stem.width, stem.kernel_size, stem.stride, true, stem.activation});
  }
  net["blocks"] = Json::array();
  int channels = stem.last_width();
  for (size_t s = 0; s < fixed.stages().size(); ++s) {
    const arch::Stage& stage = fixed.stages()[s];
    net["blocks"].push_back(resnet ? BottleneckJson(fixed, stage, channels)
                                   : BlockJson(fixed, static_cast<int>(s), channels));
    channels = stage.width;
  }
  if (head.final_expand_width > 0) {
    net["final_expand_layer"] =
        ConvJson({channels, head.final_expand_width, 1, 1, true, head.activation});
    channels = head.final_expand_width;
  }
  if (!resnet) net["feature_mix_layer"] = nullptr;
  if (head.feature_mix_width > 0) {
    net["feature_mix_layer"] = ConvJson(
        {channels, head.feature_mix_width, 1, 1, !head.feature_mix_after_pool, head.activation});
    channels = head.feature_mix_width;
  }
  net["classifier"] = {{"name", "LinearLayer"},
                       {"in_features", channels},
                       {"out_features", fixed.num_classes()},
                       {"bias", true},
                       {"use_bn", false},
                       {"act_func", nullptr},
                       {"dropout_rate", 0},
                       {"ops_order", "weight_bn_act"}};
  const arch::Resolution& input = fixed.resolutions().front();
  net["resolution"] = SizeJson(input);
  if (input.value != input.height) net["resolution_value"] = input.value;
  return net.dump(4) + "\n";
}

std::string WriteRunConfig(const arch::SearchSpace& fixed) {
  return Json{{"image_size", SizeJson(fixed.resolutions().front())}}.dump(4) + "\n";
}

}  // namespace niwaki::interchange
