#include "libs/interchange/ofa/config_fields.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::interchange {
namespace {

constexpr int64_t kMaxInteger = 1000000;

}  // namespace

Fields::Fields(const Json& json, std::string path, const std::string& what)
    : json_(json), path_(std::move(path)), what_(what) {}

absl::StatusOr<Fields> Fields::Of(const Json& json, std::string path, const std::string& what) {
  Fields fields(json, std::move(path), what);
  if (json.is_object()) return fields;
  return fields.Wrong("", json, "a JSON object");
}

absl::Status Fields::Wrong(const std::string& key, const Json& value,
                           const std::string& limit) const {
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

const Json& Fields::Get(const char* key) const {
  static const Json* const null = new Json();
  const auto it = json_.find(key);
  return it == json_.end() ? *null : *it;
}

absl::StatusOr<Fields> Fields::Object(const char* key) const {
  return Of(Get(key), Path(key), what_);
}

absl::StatusOr<int> Fields::Integer(const char* key, int low) const {
  const Json& value = Get(key);
  if (value.is_number_integer() && value >= low && value <= kMaxInteger) return value.get<int>();
  return Wrong(key, value, absl::StrCat("an integer of at least ", low));
}

absl::StatusOr<double> Fields::Number(const char* key) const {
  const Json& value = Get(key);
  if (value.is_number() && value > 0) return value.get<double>();
  return Wrong(key, value, "a number above 0");
}

absl::StatusOr<int> Fields::Square(const char* key) const {
  const Json& value = Get(key);
  const bool twice = value.is_array() && value.size() == 2 && value[0] == value[1];
  const Json& side = twice ? value[0] : value;
  if (side.is_number_integer() && side >= 1 && side <= kMaxInteger) return side.get<int>();
  return Wrong(key, value, "one odd side");
}

absl::StatusOr<ImageSize> Fields::Size(const char* key) const {
  const Json& value = Get(key);
  const bool two = value.is_array() && value.size() == 2;
  const Json& height = two ? value[0] : value;
  const Json& width = two ? value[1] : value;
  for (const Json* side : {&height, &width}) {
    if (!side->is_number_integer() || *side < 1 || *side > kMaxInteger) {
      return Wrong(key, value, "a side in pixels, or a list of height and width");
    }
  }
  return ImageSize{height.get<int>(), width.get<int>()};
}

absl::StatusOr<v1::Activation> Fields::Activation(const char* key) const {
  const Json& value = Get(key);
  if (value == "relu") return v1::ACTIVATION_RELU;
  if (value == "relu6") return v1::ACTIVATION_RELU6;
  if (value == "h_swish") return v1::ACTIVATION_HARD_SWISH;
  if (value.is_null()) return v1::ACTIVATION_NONE;
  return Wrong(key, value, "relu, relu6, h_swish or null");
}

absl::Status Fields::Expect(const char* key, const Json& expected, bool may_lack) const {
  const Json& value = Get(key);
  if (value == expected || (may_lack && value.is_null())) return absl::OkStatus();
  return Wrong(key, value, expected.dump());
}

absl::Status Fields::ExpectOnly(std::initializer_list<absl::string_view> known) const {
  for (const auto& [key, value] : json_.items()) {
    bool expected = value.is_null() || value == false;
    for (const absl::string_view name : known) expected = expected || key == name;
    if (!expected) return Wrong(key, value, "absent");
  }
  return absl::OkStatus();
}

std::string Fields::Path(const std::string& key) const {
  return path_.empty() || key.empty() ? absl::StrCat(path_, key) : absl::StrCat(path_, ".", key);
}

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

}  // namespace niwaki::interchange
