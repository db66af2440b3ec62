#include "libs/interchange/ofa/net_config.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/ofa/config_fields.h"
#include "libs/interchange/ofa/fixed_space.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::interchange {
namespace {

// Ratios beyond any that a space has, that widths may still be counted with.
constexpr double kMaxRatio = 64;
constexpr int kMinResolutionValue = 8;

enum class Family { kMobileNet, kProxyless, kResNet };

// The reading of one file.
class Reader {
 public:
  // Widths are kept where they are multiples of `multiple`.
  Reader(const Fields& net, const ReadNetConfigOptions& options, int multiple)
      : net_(net), options_(options), multiple_(multiple) {}

  absl::StatusOr<NetConfig> Read() {
    space_.set_name(options_.name);
    space_.set_description("One specialised network.");
    if (multiple_ != arch::kDefaultChannelMultiple) space_.set_channel_multiple(multiple_);
    NIWAKI_RETURN_IF_ERROR(ReadFamily());
    NIWAKI_RETURN_IF_ERROR(ReadResolution());
    NIWAKI_RETURN_IF_ERROR(ReadStem());
    NIWAKI_RETURN_IF_ERROR(ReadBlocks());
    NIWAKI_RETURN_IF_ERROR(ReadHead());
    if (needs_finer_) {
      NIWAKI_CHECK(multiple_ != 1);
      return Reader(net_, options_, /*multiple=*/1).Read();
    }
    auto space = arch::SearchSpace::FromMessage(space_);
    if (!space.ok()) return Annotate(space.status(), options_.what);
    return NetConfig{*std::move(space), std::move(blocks_)};
  }

 private:
  absl::Status ReadFamily() {
    NIWAKI_RETURN_IF_ERROR(
        net_.ExpectOnly({"name", "bn", "first_conv", "input_stem", "blocks", "final_expand_layer",
                         "feature_mix_layer", "classifier", "resolution", "resolution_value"}));
    const Json& name = net_.Get("name");
    if (name == "MobileNetV3" || name == "MobileNetV3Large") {
      family_ = Family::kMobileNet;
    } else if (name == "ResNets") {
      family_ = Family::kResNet;
    } else if (name != "ProxylessNASNets") {
      return net_.Wrong("name", name, "MobileNetV3, ProxylessNASNets or ResNets");
    }
    NIWAKI_ASSIGN_OR_RETURN(const Fields norm, net_.Object("bn"));
    NIWAKI_RETURN_IF_ERROR(norm.ExpectOnly({"momentum", "eps"}));
    NIWAKI_ASSIGN_OR_RETURN(const double eps, norm.Number("eps"));
    space_.set_batch_norm_eps(eps);
    return absl::OkStatus();
  }

  absl::Status ReadResolution() {
    ImageSize size = options_.resolution;
    const Json& own = net_.Get("resolution");
    if (size.height == 0 && own.is_null()) {
      return net_.Wrong("resolution", own,
                        "given, in the file or beside it, as the side of the input in pixels");
    }
    ImageSize of_file = size;
    if (!own.is_null()) {
      NIWAKI_ASSIGN_OR_RETURN(of_file, net_.Size("resolution"));
    }
    if (size.height == 0) size = of_file;
    int value = size.height >= kMinResolutionValue ? size.height
                                                   : std::max(size.width, kMinResolutionValue);
    if (!net_.Get("resolution_value").is_null() && size.height == of_file.height &&
        size.width == of_file.width) {
      NIWAKI_ASSIGN_OR_RETURN(value, net_.Integer("resolution_value"));
    }
    v1::Resolution& input = *space_.add_resolutions();
    input.set_value(value);
    input.set_height(size.height);
    input.set_width(size.width);
    return absl::OkStatus();
  }

  // The first layer's inputs are the network's.
  absl::StatusOr<ConvLayer> ReadFirstLayer(const Fields& layer) {
    NIWAKI_ASSIGN_OR_RETURN(const int channels, layer.Integer("in_channels"));
    space_.set_input_channels(channels);
    NIWAKI_ASSIGN_OR_RETURN(const ConvLayer conv, ReadConvLayer(layer, channels, /*use_bn=*/true));
    NoteWidth(conv.out_channels);
    channels_ = conv.out_channels;
    return conv;
  }

  // A width that is no multiple shows that the file has to be read again.
  void NoteWidth(int channels) {
    if (arch::ScaleWidth(channels, 1, multiple_) != channels) needs_finer_ = true;
  }

  // The ratio that makes `middle` of `channels`: `rounded`, as the file has it, or a precise one.
  double PreciseRatio(int channels, double rounded, int middle) {
    if (arch::ExpandedWidth(channels, rounded, multiple_) == middle) return rounded;
    const double precise = static_cast<double>(middle) / channels;
    if (arch::ExpandedWidth(channels, precise, multiple_) != middle) needs_finer_ = true;
    return precise;
  }

  absl::Status ReadStem() {
    if (family_ == Family::kResNet) return ReadDeepStem();
    NIWAKI_RETURN_IF_ERROR(net_.Expect("input_stem", nullptr));
    NIWAKI_ASSIGN_OR_RETURN(const Fields layer, net_.Object("first_conv"));
    NIWAKI_ASSIGN_OR_RETURN(const ConvLayer conv, ReadFirstLayer(layer));
    v1::Stem& stem = *space_.mutable_stem();
    stem.set_width(conv.out_channels);
    stem.set_kernel_size(conv.kernel_size);
    stem.set_stride(conv.stride);
    stem.set_activation(conv.activation);
    return absl::OkStatus();
  }

  // Convolution, residual convolution or none, convolution; then max pooling, which is not said.
  absl::Status ReadDeepStem() {
    NIWAKI_RETURN_IF_ERROR(net_.Expect("first_conv", nullptr));
    const Json& layers = net_.Get("input_stem");
    if (!layers.is_array() || layers.size() < 2 || layers.size() > 3) {
      return net_.Wrong("input_stem", layers, "a list of 2 or 3 layers");
    }
    v1::Stem& stem = *space_.mutable_stem();
    stem.set_max_pool(true);
    NIWAKI_ASSIGN_OR_RETURN(const ConvLayer first, ReadStemLayer(layers, 0));
    stem.set_width(first.out_channels);
    stem.set_kernel_size(first.kernel_size);
    stem.set_stride(first.stride);
    stem.set_activation(first.activation);
    if (layers.size() == 3) {
      NIWAKI_ASSIGN_OR_RETURN(const Fields residual,
                              Fields::Of(layers[1], "input_stem[1]", options_.what));
      NIWAKI_RETURN_IF_ERROR(residual.ExpectOnly({"name", "conv", "shortcut"}));
      NIWAKI_ASSIGN_OR_RETURN(const Fields identity, residual.Object("shortcut"));
      NIWAKI_RETURN_IF_ERROR(identity.Expect("name", "IdentityLayer"));
      NIWAKI_ASSIGN_OR_RETURN(const Fields layer, residual.Object("conv"));
      NIWAKI_RETURN_IF_ERROR(ReadInnerLayer(layer).status());
      NIWAKI_RETURN_IF_ERROR(layer.Expect("out_channels", first.out_channels));
      stem.set_residual(v1::STEM_RESIDUAL_ALWAYS);
    }
    NIWAKI_ASSIGN_OR_RETURN(const ConvLayer last,
                            ReadStemLayer(layers, static_cast<int>(layers.size()) - 1));
    stem.set_second_width(last.out_channels);
    return absl::OkStatus();
  }

  absl::StatusOr<ConvLayer> ReadStemLayer(const Json& layers, int index) {
    NIWAKI_ASSIGN_OR_RETURN(
        const Fields layer,
        Fields::Of(layers[index], absl::StrCat("input_stem[", index, "]"), options_.what));
    return index > 0 ? ReadInnerLayer(layer) : ReadFirstLayer(layer);
  }

  // A convolution of the stem after the first one, of the same kernel and stride 1.
  absl::StatusOr<ConvLayer> ReadInnerLayer(const Fields& layer) {
    NIWAKI_ASSIGN_OR_RETURN(const ConvLayer conv, ReadConvLayer(layer, channels_, /*use_bn=*/true));
    NoteWidth(conv.out_channels);
    const v1::Stem& stem = space_.stem();
    if (conv.kernel_size != stem.kernel_size()) {
      return layer.Wrong("kernel_size", conv.kernel_size, absl::StrCat(stem.kernel_size()));
    }
    if (conv.stride != 1) return layer.Wrong("stride", conv.stride, "1");
    if (conv.activation != stem.activation()) {
      return layer.Wrong("act_func", layer.Get("act_func"), "that of the first layer");
    }
    channels_ = conv.out_channels;
    return conv;
  }

  absl::Status ReadBlocks() {
    const Json& blocks = net_.Get("blocks");
    if (!blocks.is_array()) return net_.Wrong("blocks", blocks, "a list");
    for (size_t i = 0; i < blocks.size(); ++i) {
      const std::string path = absl::StrCat("blocks[", i, "]");
      NIWAKI_ASSIGN_OR_RETURN(const Fields block, Fields::Of(blocks[i], path, options_.what));
      NIWAKI_RETURN_IF_ERROR(ReadBlock(block, static_cast<int>(i)));
    }
    return absl::OkStatus();
  }

  absl::Status ReadBlock(const Fields& block, int index) {
    if (family_ == Family::kResNet) return ReadBottleneck(block, index);
    NIWAKI_RETURN_IF_ERROR(block.ExpectOnly({"name", "mobile_inverted_conv", "conv", "shortcut"}));
    const char* key = block.Get("conv").is_null() ? "mobile_inverted_conv" : "conv";
    const Json& conv = block.Get(key);
    const Json& shortcut = block.Get("shortcut");
    const bool has_shortcut = !shortcut.is_null();
    if (conv.is_null() || (conv.is_object() && conv.value("name", "") == "ZeroLayer")) {
      // The shortcut alone: the block does nothing.
      if (has_shortcut) return absl::OkStatus();
      return block.Wrong("shortcut", shortcut, "an IdentityLayer where the convolution is none");
    }
    NIWAKI_ASSIGN_OR_RETURN(const Fields layer, block.Object(key));
    v1::Stage& stage = *space_.add_stages();
    const int in_channels = channels_;
    NIWAKI_RETURN_IF_ERROR(ReadMbConv(layer, stage));
    if (has_shortcut) {
      NIWAKI_ASSIGN_OR_RETURN(const Fields identity, block.Object("shortcut"));
      NIWAKI_RETURN_IF_ERROR(identity.Expect("name", "IdentityLayer"));
      if (stage.stride() != 1 || channels_ != in_channels) {
        return block.Wrong("shortcut", "an IdentityLayer", "null where the shapes differ");
      }
    }
    stage.set_no_shortcut(!has_shortcut);
    blocks_.push_back(index);
    return absl::OkStatus();
  }

  absl::Status ReadBottleneck(const Fields& block, int index) {
    NIWAKI_RETURN_IF_ERROR(block.ExpectOnly({"name", "in_channels", "out_channels", "kernel_size",
                                             "stride", "expand_ratio", "mid_channels", "act_func",
                                             "groups", "downsample_mode"}));
    NIWAKI_RETURN_IF_ERROR(block.Expect("name", "ResNetBottleneckBlock"));
    NIWAKI_RETURN_IF_ERROR(block.Expect("in_channels", channels_));
    NIWAKI_RETURN_IF_ERROR(block.Expect("groups", 1, /*may_lack=*/true));
    NIWAKI_RETURN_IF_ERROR(block.Expect("downsample_mode", "avgpool_conv", /*may_lack=*/true));
    NIWAKI_ASSIGN_OR_RETURN(const int width, block.Integer("out_channels"));
    NIWAKI_ASSIGN_OR_RETURN(const int kernel_size, block.Square("kernel_size"));
    NIWAKI_ASSIGN_OR_RETURN(const int stride, block.Square("stride"));
    NIWAKI_ASSIGN_OR_RETURN(const v1::Activation activation, block.Activation("act_func"));
    NIWAKI_ASSIGN_OR_RETURN(const double given, block.Number("expand_ratio"));
    const double ratio = std::min(given, kMaxRatio);
    NoteWidth(width);
    // Without it the reference rounds to multiples of 8, whatever the widths outside.
    int middle = arch::ExpandedWidth(width, ratio);
    if (!block.Get("mid_channels").is_null()) {
      NIWAKI_ASSIGN_OR_RETURN(middle, block.Integer("mid_channels"));
    }
    v1::Stage& stage = *space_.add_stages();
    stage.set_type(v1::BLOCK_TYPE_BOTTLENECK);
    stage.set_width(width);
    stage.set_stride(stride);
    stage.add_depths(1);
    stage.add_kernel_sizes(kernel_size);
    stage.add_expand_ratios(PreciseRatio(width, ratio, middle));
    stage.set_activation(activation);
    channels_ = width;
    blocks_.push_back(index);
    return absl::OkStatus();
  }

  absl::Status ReadMbConv(const Fields& layer, v1::Stage& stage) {
    NIWAKI_RETURN_IF_ERROR(
        layer.ExpectOnly({"name", "in_channels", "out_channels", "kernel_size", "stride",
                          "expand_ratio", "mid_channels", "act_func", "use_se"}));
    NIWAKI_RETURN_IF_ERROR(layer.Expect("name", "MBInvertedConvLayer"));
    NIWAKI_RETURN_IF_ERROR(layer.Expect("in_channels", channels_));
    NIWAKI_ASSIGN_OR_RETURN(const int width, layer.Integer("out_channels"));
    NIWAKI_ASSIGN_OR_RETURN(const int kernel_size, layer.Square("kernel_size"));
    NIWAKI_ASSIGN_OR_RETURN(const int stride, layer.Square("stride"));
    NIWAKI_ASSIGN_OR_RETURN(const double ratio, ReadExpandRatio(layer));
    NoteWidth(width);
    v1::Activation activation = v1::ACTIVATION_RELU6;
    if (!layer.Get("act_func").is_null()) {
      NIWAKI_ASSIGN_OR_RETURN(activation, layer.Activation("act_func"));
    }
    const Json& gate = layer.Get("use_se");
    if (!gate.is_null() && !gate.is_boolean()) return layer.Wrong("use_se", gate, "true or false");
    stage.set_width(width);
    stage.set_stride(stride);
    stage.add_depths(1);
    stage.add_kernel_sizes(kernel_size);
    stage.add_expand_ratios(ratio);
    stage.set_activation(activation);
    stage.set_squeeze_excite(gate == true);
    channels_ = width;
    return absl::OkStatus();
  }

  // "mid_channels" rules where it is given; "expand_ratio" is rounded then.
  absl::StatusOr<double> ReadExpandRatio(const Fields& layer) {
    NIWAKI_ASSIGN_OR_RETURN(const double given, layer.Number("expand_ratio"));
    const double ratio = std::min(given, kMaxRatio);
    const Json& middle = layer.Get("mid_channels");
    if (ratio == 1) {
      NIWAKI_RETURN_IF_ERROR(layer.Expect("mid_channels", channels_, /*may_lack=*/true));
      return ratio;
    }
    // Without it the reference rounds to whole channels.
    int channels = static_cast<int>(std::nearbyint(ratio * channels_));
    if (!middle.is_null()) {
      NIWAKI_ASSIGN_OR_RETURN(channels, layer.Integer("mid_channels"));
    }
    if (channels == channels_) return kByOneWithConvolution;
    if (channels > channels_) return PreciseRatio(channels_, ratio, channels);
    return layer.Wrong(
        middle.is_null() ? "expand_ratio" : "mid_channels",
        middle.is_null() ? layer.Get("expand_ratio") : middle,
        absl::StrCat("one that makes no fewer than the ", channels_, " channels that come in"));
  }

  absl::Status ReadHead() {
    v1::Head& head = *space_.mutable_head();
    if (family_ == Family::kMobileNet) {
      NIWAKI_ASSIGN_OR_RETURN(const ConvLayer expand, ReadHeadLayer("final_expand_layer", true));
      NIWAKI_ASSIGN_OR_RETURN(const ConvLayer mix, ReadHeadLayer("feature_mix_layer", false));
      if (mix.activation != expand.activation) {
        return net_.Wrong("feature_mix_layer.act_func",
                          net_.Get("feature_mix_layer").value("act_func", Json()),
                          "that of the final_expand_layer");
      }
      head.set_final_expand_width(expand.out_channels);
      head.set_feature_mix_width(mix.out_channels);
      head.set_feature_mix_after_pool(true);
      head.set_activation(mix.activation);
    } else {
      NIWAKI_RETURN_IF_ERROR(net_.Expect("final_expand_layer", nullptr));
      if (family_ == Family::kResNet) {
        NIWAKI_RETURN_IF_ERROR(net_.Expect("feature_mix_layer", nullptr));
      } else if (!net_.Get("feature_mix_layer").is_null()) {
        NIWAKI_ASSIGN_OR_RETURN(const ConvLayer mix, ReadHeadLayer("feature_mix_layer", true));
        head.set_feature_mix_width(mix.out_channels);
        head.set_activation(mix.activation);
      }
    }
    return ReadClassifier();
  }

  absl::Status ReadClassifier() {
    NIWAKI_ASSIGN_OR_RETURN(const Fields layer, net_.Object("classifier"));
    NIWAKI_RETURN_IF_ERROR(layer.ExpectOnly({"name", "in_features", "out_features", "bias",
                                             "use_bn", "act_func", "dropout_rate", "ops_order"}));
    NIWAKI_RETURN_IF_ERROR(layer.Expect("name", "LinearLayer"));
    NIWAKI_RETURN_IF_ERROR(layer.Expect("in_features", channels_));
    NIWAKI_RETURN_IF_ERROR(layer.Expect("bias", true));
    NIWAKI_RETURN_IF_ERROR(layer.Expect("use_bn", false, /*may_lack=*/true));
    NIWAKI_RETURN_IF_ERROR(layer.Expect("act_func", nullptr));
    NIWAKI_ASSIGN_OR_RETURN(const int classes, layer.Integer("out_features"));
    space_.set_num_classes(classes);
    return absl::OkStatus();
  }

  // A 1x1 convolution after the last block.
  absl::StatusOr<ConvLayer> ReadHeadLayer(const char* key, bool use_bn) {
    NIWAKI_ASSIGN_OR_RETURN(const Fields layer, net_.Object(key));
    NIWAKI_ASSIGN_OR_RETURN(const ConvLayer conv, ReadConvLayer(layer, channels_, use_bn));
    if (conv.kernel_size != 1) return layer.Wrong("kernel_size", conv.kernel_size, "1");
    if (conv.stride != 1) return layer.Wrong("stride", conv.stride, "1");
    NoteWidth(conv.out_channels);
    channels_ = conv.out_channels;
    return conv;
  }

  const Fields& net_;
  const ReadNetConfigOptions& options_;
  v1::SearchSpace space_;
  std::vector<int> blocks_;
  Family family_ = Family::kProxyless;
  // Of the layer read last.
  int channels_ = 0;
  const int multiple_;
  // Some width is no multiple of `multiple_`.
  bool needs_finer_ = false;
};

}  // namespace

absl::StatusOr<NetConfig> ReadNetConfig(absl::string_view json,
                                        const ReadNetConfigOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const Json parsed, ParseJson(json, options.what));
  NIWAKI_ASSIGN_OR_RETURN(const Fields net, Fields::Of(parsed, "", options.what));
  return Reader(net, options, arch::kDefaultChannelMultiple).Read();
}

absl::StatusOr<ImageSize> ReadImageSize(absl::string_view json, const std::string& what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json parsed, ParseJson(json, what));
  NIWAKI_ASSIGN_OR_RETURN(const Fields run, Fields::Of(parsed, "", what));
  return run.Size("image_size");
}

}  // namespace niwaki::interchange
