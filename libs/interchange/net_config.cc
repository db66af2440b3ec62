#include "libs/interchange/net_config.h"

#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::interchange {
namespace {

constexpr int64_t kMaxInteger = 1000000;

// An object of the file and its path in it, "blocks[3].mobile_inverted_conv".
class Fields {
 public:
  static absl::StatusOr<Fields> Of(const Json& json, std::string path, const std::string& what) {
    Fields fields(json, std::move(path), what);
    if (json.is_object()) return fields;
    return fields.Wrong("", json, "a JSON object");
  }

  absl::Status Wrong(const std::string& key, const Json& value, const std::string& limit) const {
    const std::string field = Path(key);
    std::string text = value.dump();
    constexpr size_t kShown = 80;
    if (text.size() > kShown) text = absl::StrCat("a ", value.type_name());
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(field)
        .Value(text)
        .Limit(limit)
        .Message(absl::StrCat(what_, ": ", field.empty() ? "the file" : field, " is ", text,
                              "; it must be ", limit));
  }

  // The value of `key`; a null where it is absent.
  const Json& Get(const char* key) const {
    static const Json* const null = new Json();
    const auto it = json_.find(key);
    return it == json_.end() ? *null : *it;
  }

  absl::StatusOr<Fields> Object(const char* key) const { return Of(Get(key), Path(key), what_); }

  absl::StatusOr<int> Integer(const char* key, int low = 1) const {
    const Json& value = Get(key);
    if (value.is_number_integer() && value >= low && value <= kMaxInteger) return value.get<int>();
    return Wrong(key, value, absl::StrCat("an integer of at least ", low));
  }

  // A positive number.
  absl::StatusOr<double> Number(const char* key) const {
    const Json& value = Get(key);
    if (value.is_number() && value > 0) return value.get<double>();
    return Wrong(key, value, "a number above 0");
  }

  // A number, or a list of it twice.
  absl::StatusOr<int> Square(const char* key) const {
    const Json& value = Get(key);
    const bool twice = value.is_array() && value.size() == 2 && value[0] == value[1];
    const Json& side = twice ? value[0] : value;
    if (side.is_number_integer() && side >= 1 && side <= kMaxInteger) return side.get<int>();
    return Wrong(key, value, "one odd side");
  }

  absl::StatusOr<v1::Activation> Activation(const char* key) const {
    const Json& value = Get(key);
    if (value == "relu") return v1::ACTIVATION_RELU;
    if (value == "relu6") return v1::ACTIVATION_RELU6;
    if (value == "h_swish") return v1::ACTIVATION_HARD_SWISH;
    if (value.is_null()) return v1::ACTIVATION_NONE;
    return Wrong(key, value, "relu, relu6, h_swish or null");
  }

  // `key` is `expected`, or absent where `may_lack`.
  absl::Status Expect(const char* key, const Json& expected, bool may_lack = false) const {
    const Json& value = Get(key);
    if (value == expected || (may_lack && value.is_null())) return absl::OkStatus();
    return Wrong(key, value, expected.dump());
  }

  // Every other key that says something is an error: it would describe another network.
  absl::Status ExpectOnly(std::initializer_list<absl::string_view> known) const {
    for (const auto& [key, value] : json_.items()) {
      bool expected = value.is_null() || value == false;
      for (const absl::string_view name : known) expected = expected || key == name;
      if (!expected) return Wrong(key, value, "absent");
    }
    return absl::OkStatus();
  }

 private:
  Fields(const Json& json, std::string path, const std::string& what)
      : json_(json), path_(std::move(path)), what_(what) {}

  std::string Path(const std::string& key) const {
    return path_.empty() || key.empty() ? absl::StrCat(path_, key) : absl::StrCat(path_, ".", key);
  }

  const Json& json_;
  const std::string path_;
  const std::string& what_;
};

struct ConvLayer {
  int out_channels = 0;
  int kernel_size = 1;
  int stride = 1;
  v1::Activation activation = v1::ACTIVATION_NONE;
};

absl::StatusOr<ConvLayer> ReadConvLayer(const Fields& layer, int in_channels, bool use_bn) {
  NIWAKI_RETURN_IF_ERROR(layer.ExpectOnly(
      {"name", "kernel_size", "stride", "dilation", "groups", "bias", "has_shuffle", "in_channels",
       "out_channels", "use_bn", "act_func", "dropout_rate", "ops_order", "use_se", "padding"}));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("name", "ConvLayer"));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("in_channels", in_channels));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("dilation", 1, /*may_lack=*/true));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("groups", 1, /*may_lack=*/true));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("bias", false, /*may_lack=*/true));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("has_shuffle", false, /*may_lack=*/true));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("use_se", false, /*may_lack=*/true));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("use_bn", use_bn));
  NIWAKI_RETURN_IF_ERROR(layer.Expect("ops_order", "weight_bn_act", /*may_lack=*/true));
  ConvLayer conv;
  NIWAKI_ASSIGN_OR_RETURN(conv.out_channels, layer.Integer("out_channels"));
  NIWAKI_ASSIGN_OR_RETURN(conv.kernel_size, layer.Square("kernel_size"));
  NIWAKI_ASSIGN_OR_RETURN(conv.stride, layer.Square("stride"));
  NIWAKI_ASSIGN_OR_RETURN(conv.activation, layer.Activation("act_func"));
  return conv;
}

// The reading of one file.
class Reader {
 public:
  Reader(const Fields& net, const ReadNetConfigOptions& options) : net_(net), options_(options) {}

  absl::StatusOr<NetConfig> Read() {
    space_.set_name(options_.name);
    space_.set_description("One specialised network.");
    space_.set_input_channels(3);
    NIWAKI_RETURN_IF_ERROR(ReadFamily());
    NIWAKI_RETURN_IF_ERROR(ReadResolution());
    NIWAKI_RETURN_IF_ERROR(ReadStem());
    NIWAKI_RETURN_IF_ERROR(ReadBlocks());
    NIWAKI_RETURN_IF_ERROR(ReadHead());
    std::string text;
    google::protobuf::TextFormat::PrintToString(space_, &text);
    auto space = arch::SearchSpace::FromTextproto(text);
    if (!space.ok()) return Annotate(space.status(), options_.what);
    return NetConfig{*std::move(space), std::move(blocks_)};
  }

 private:
  absl::Status ReadFamily() {
    NIWAKI_RETURN_IF_ERROR(
        net_.ExpectOnly({"name", "bn", "first_conv", "blocks", "final_expand_layer",
                         "feature_mix_layer", "classifier", "resolution"}));
    const Json& name = net_.Get("name");
    is_mobilenet_ = name == "MobileNetV3" || name == "MobileNetV3Large";
    if (!is_mobilenet_ && name != "ProxylessNASNets") {
      return net_.Wrong("name", name, "MobileNetV3 or ProxylessNASNets");
    }
    NIWAKI_ASSIGN_OR_RETURN(const Fields norm, net_.Object("bn"));
    NIWAKI_RETURN_IF_ERROR(norm.ExpectOnly({"momentum", "eps"}));
    NIWAKI_ASSIGN_OR_RETURN(const double eps, norm.Number("eps"));
    space_.set_batch_norm_eps(eps);
    return absl::OkStatus();
  }

  absl::Status ReadResolution() {
    int side = options_.resolution;
    if (side == 0 && net_.Get("resolution").is_null()) {
      return net_.Wrong("resolution", net_.Get("resolution"),
                        "given, in the file or beside it, as the side of the input in pixels");
    }
    if (side == 0) {
      NIWAKI_ASSIGN_OR_RETURN(side, net_.Integer("resolution"));
    }
    space_.add_resolutions()->set_value(side);
    return absl::OkStatus();
  }

  // Channels that a space can hold as they are.
  absl::Status CheckWidth(const std::string& field, int channels) const {
    if (arch::ScaleWidth(channels, 1) == channels) return absl::OkStatus();
    return net_.Wrong(field, channels, "a multiple of 8");
  }

  absl::Status ReadStem() {
    NIWAKI_ASSIGN_OR_RETURN(const Fields layer, net_.Object("first_conv"));
    NIWAKI_ASSIGN_OR_RETURN(const ConvLayer conv, ReadConvLayer(layer, 3, /*use_bn=*/true));
    NIWAKI_RETURN_IF_ERROR(CheckWidth("first_conv.out_channels", conv.out_channels));
    channels_ = conv.out_channels;
    v1::Stem& stem = *space_.mutable_stem();
    stem.set_width(conv.out_channels);
    stem.set_kernel_size(conv.kernel_size);
    stem.set_stride(conv.stride);
    stem.set_activation(conv.activation);
    return absl::OkStatus();
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
    if (arch::ScaleWidth(width, 1) != width) {
      return layer.Wrong("out_channels", width, "a multiple of 8");
    }
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
  absl::StatusOr<double> ReadExpandRatio(const Fields& layer) const {
    NIWAKI_ASSIGN_OR_RETURN(const double ratio, layer.Number("expand_ratio"));
    const Json& middle = layer.Get("mid_channels");
    if (ratio == 1) {
      NIWAKI_RETURN_IF_ERROR(layer.Expect("mid_channels", channels_, /*may_lack=*/true));
      return ratio;
    }
    if (middle.is_null()) {
      const double exact = ratio * channels_;
      if (arch::ExpandedWidth(channels_, ratio) == exact) return ratio;
      return layer.Wrong("expand_ratio", ratio,
                         absl::StrCat("one that makes a multiple of 8 of ", channels_));
    }
    NIWAKI_ASSIGN_OR_RETURN(const int channels, layer.Integer("mid_channels"));
    if (arch::ExpandedWidth(channels_, ratio) == channels) return ratio;
    const double precise = static_cast<double>(channels) / channels_;
    if (precise > 1 && arch::ExpandedWidth(channels_, precise) == channels) return precise;
    return layer.Wrong("mid_channels", middle,
                       absl::StrCat("a multiple of 8 above ", channels_, " channels"));
  }

  absl::Status ReadHead() {
    v1::Head& head = *space_.mutable_head();
    if (is_mobilenet_) {
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
      if (!net_.Get("feature_mix_layer").is_null()) {
        NIWAKI_ASSIGN_OR_RETURN(const ConvLayer mix, ReadHeadLayer("feature_mix_layer", true));
        head.set_feature_mix_width(mix.out_channels);
        head.set_activation(mix.activation);
      }
    }
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
    NIWAKI_RETURN_IF_ERROR(CheckWidth(absl::StrCat(key, ".out_channels"), conv.out_channels));
    channels_ = conv.out_channels;
    return conv;
  }

  const Fields& net_;
  const ReadNetConfigOptions& options_;
  v1::SearchSpace space_;
  std::vector<int> blocks_;
  bool is_mobilenet_ = false;
  // Of the layer read last.
  int channels_ = 3;
};

}  // namespace

absl::StatusOr<NetConfig> ReadNetConfig(absl::string_view json,
                                        const ReadNetConfigOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const Json parsed, ParseJson(json, options.what));
  NIWAKI_ASSIGN_OR_RETURN(const Fields net, Fields::Of(parsed, "", options.what));
  return Reader(net, options).Read();
}

absl::StatusOr<int> ReadImageSize(absl::string_view json, const std::string& what) {
  NIWAKI_ASSIGN_OR_RETURN(const Json parsed, ParseJson(json, what));
  NIWAKI_ASSIGN_OR_RETURN(const Fields run, Fields::Of(parsed, "", what));
  return run.Integer("image_size");
}

}  // namespace niwaki::interchange
