#include "libs/arch/space_reader.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::arch {
namespace {

constexpr int kMaxChannels = 4096;
// With these no sum of MACs leaves 63 bits, whatever the depths, resolutions and number of
// stages.
constexpr int kMaxScaledWidth = 8192;
constexpr int kMaxExpandedWidth = 32768;
constexpr int kMaxBottleneckWidth = 4096;
constexpr int kMaxSide = 4096;
constexpr int kMinResolution = 8;
// Genes are bytes.
constexpr int kMaxChoices = 128;
constexpr int kMaxStages = 32;
constexpr int kMaxDepth = 16;
constexpr int kMaxKernelSize = 7;
constexpr double kMaxExpandRatio = 16;
constexpr double kMinBottleneckRatio = 0.01;
constexpr double kMaxBottleneckRatio = 4;
constexpr double kMaxWidthMult = 8;
constexpr int kMaxNameLength = 63;
constexpr int kMaxDescriptionLength = 1000;
constexpr int kMaxClasses = 100000;
constexpr int kMaxInputChannels = 1024;
constexpr int kMaxChannelMultiple = 64;

absl::Status Invalid(const std::string& field, const absl::AlphaNum& value,
                     const absl::AlphaNum& limit) {
  return InvalidValue(field, value, limit, reason::kSpaceInvalid);
}

absl::Status CheckRange(const std::string& field, int64_t value, int64_t low, int64_t high) {
  return niwaki::CheckRange(field, value, low, high, reason::kSpaceInvalid);
}

absl::Status CheckChoiceCount(const std::string& field, int count) {
  if (count >= 1 && count <= kMaxChoices) return absl::OkStatus();
  return Invalid(field, absl::StrCat(count, " choices"),
                 absl::StrCat("1 to ", kMaxChoices, " choices"));
}

// Checks every choice with `check(value, field)`, then for duplicates, and sorts.
template <typename T, typename Repeated, typename Check>
absl::Status ReadChoices(const std::string& field, const Repeated& choices, const Check& check,
                         std::vector<T>& out) {
  NIWAKI_RETURN_IF_ERROR(CheckChoiceCount(field, choices.size()));
  std::set<T> seen;
  for (int i = 0; i < choices.size(); ++i) {
    const std::string item = absl::StrCat(field, "[", i, "]");
    NIWAKI_RETURN_IF_ERROR(check(item, choices[i]));
    if (!seen.insert(choices[i]).second) return Invalid(item, choices[i], "not a repetition");
  }
  out.assign(seen.begin(), seen.end());
  return absl::OkStatus();
}

// A flag that the type of block does not have.
absl::Status CheckUnset(const std::string& field, bool value) {
  if (!value) return absl::OkStatus();
  return Invalid(field, "true", "false in a bottleneck");
}

// Expansion ratios of a block type; `channels` are those that they multiply.
struct RatioLimits {
  double low = 1;
  double high = kMaxExpandRatio;
  int channels = 0;
  int most_channels = kMaxExpandedWidth;
};

absl::Status CheckExpandRatio(const std::string& field, double value, const RatioLimits& limits) {
  if (!(value >= limits.low && value <= limits.high)) {
    return Invalid(field, value, absl::StrCat(limits.low, " to ", limits.high));
  }
  if (limits.channels * value <= limits.most_channels) return absl::OkStatus();
  return Invalid(field, absl::StrCat(value, " times ", limits.channels, " channels"),
                 absl::StrCat("at most ", limits.most_channels, " channels"));
}

absl::Status CheckKernelSize(const std::string& field, int value, int low) {
  if (value >= low && value <= kMaxKernelSize && value % 2 == 1) return absl::OkStatus();
  return Invalid(field, value, absl::StrCat("odd, ", low, " to ", kMaxKernelSize));
}

absl::Status ReadActivation(const std::string& field, v1::Activation value, Activation& out) {
  switch (value) {
    case v1::ACTIVATION_UNSPECIFIED:
      return absl::OkStatus();
    case v1::ACTIVATION_NONE:
      out = Activation::kNone;
      return absl::OkStatus();
    case v1::ACTIVATION_RELU:
      out = Activation::kRelu;
      return absl::OkStatus();
    case v1::ACTIVATION_RELU6:
      out = Activation::kRelu6;
      return absl::OkStatus();
    case v1::ACTIVATION_HARD_SWISH:
      out = Activation::kHardSwish;
      return absl::OkStatus();
    default:
      return Invalid(field, static_cast<int>(value), "a value of niwaki.v1.Activation");
  }
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxNameLength &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

// Bytes of the character that starts at `text`, checked as RFC 3629 says; 0 for what is not UTF-8
// or a control character.
size_t CharacterBytes(absl::string_view text) {
  const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if (byte(i) >> 6 != 2) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
  const bool too_large = lead == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : bytes;
}

bool IsPlainText(absl::string_view text) {
  while (!text.empty()) {
    const size_t bytes = CharacterBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

}  // namespace

std::string Printable(absl::string_view text) {
  constexpr size_t kMaxBytes = 80;
  text = text.substr(0, kMaxBytes);
  const bool printable = std::all_of(text.begin(), text.end(), absl::ascii_isprint);
  return printable ? std::string(text) : absl::CHexEscape(text);
}

absl::StatusOr<SearchSpace> SpaceReader::Read(const v1::SearchSpace& message) {
  SpaceReader reader;
  NIWAKI_RETURN_IF_ERROR(reader.ReadTop(message));
  NIWAKI_RETURN_IF_ERROR(reader.ReadResolutions(message));
  NIWAKI_RETURN_IF_ERROR(reader.ReadWidthMults(message));
  NIWAKI_RETURN_IF_ERROR(reader.ReadStem(message));
  NIWAKI_RETURN_IF_ERROR(reader.ReadStages(message));
  NIWAKI_RETURN_IF_ERROR(reader.ReadHead(message));
  reader.space_.Finish();
  return std::move(reader.space_);
}

absl::Status SpaceReader::ReadTop(const v1::SearchSpace& message) {
  if (!IsName(message.name())) {
    return Invalid(
        "name", Printable(message.name()),
        absl::StrCat("1 to ", kMaxNameLength, " lower-case letters, digits, '_' and '-'"));
  }
  if (message.description().size() > kMaxDescriptionLength) {
    return Invalid("description", absl::StrCat(message.description().size(), " bytes"),
                   absl::StrCat("at most ", kMaxDescriptionLength, " bytes"));
  }
  if (!IsPlainText(message.description())) {
    return Invalid("description", absl::StrCat(message.description().size(), " bytes"),
                   "UTF-8 without control characters");
  }
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("input_channels", message.input_channels(), 1, kMaxInputChannels));
  NIWAKI_RETURN_IF_ERROR(CheckRange("num_classes", message.num_classes(), 2, kMaxClasses));
  if (!v1::KernelTransform_IsValid(message.kernel_transform())) {
    return Invalid("kernel_transform", static_cast<int>(message.kernel_transform()),
                   "a value of niwaki.v1.KernelTransform");
  }
  if (message.has_batch_norm_eps() &&
      !(message.batch_norm_eps() > 0 && message.batch_norm_eps() <= 1)) {
    return Invalid("batch_norm_eps", message.batch_norm_eps(), "above 0 and at most 1");
  }
  if (message.channel_multiple() != 0) {
    NIWAKI_RETURN_IF_ERROR(
        CheckRange("channel_multiple", message.channel_multiple(), 1, kMaxChannelMultiple));
    space_.channel_multiple_ = message.channel_multiple();
  }
  space_.name_ = message.name();
  space_.description_ = message.description();
  space_.input_channels_ = message.input_channels();
  space_.num_classes_ = message.num_classes();
  space_.kernel_transform_ = message.kernel_transform() == v1::KERNEL_TRANSFORM_MATRIX
                                 ? KernelTransform::kMatrix
                                 : KernelTransform::kCrop;
  if (message.has_batch_norm_eps()) space_.batch_norm_eps_ = message.batch_norm_eps();
  return absl::OkStatus();
}

absl::Status SpaceReader::ReadResolutions(const v1::SearchSpace& message) {
  NIWAKI_RETURN_IF_ERROR(CheckChoiceCount("resolutions", message.resolutions_size()));
  std::set<int> values;
  std::set<std::pair<int, int>> sizes;
  for (int i = 0; i < message.resolutions_size(); ++i) {
    const v1::Resolution& item = message.resolutions(i);
    const std::string path = absl::StrCat("resolutions[", i, "]");
    NIWAKI_RETURN_IF_ERROR(CheckRange(path + ".value", item.value(), kMinResolution, kMaxSide));
    Resolution resolution{item.value(), item.value(), item.value()};
    if (item.has_height()) resolution.height = item.height();
    if (item.has_width()) resolution.width = item.width();
    NIWAKI_RETURN_IF_ERROR(CheckRange(path + ".height", resolution.height, 1, kMaxSide));
    NIWAKI_RETURN_IF_ERROR(CheckRange(path + ".width", resolution.width, 1, kMaxSide));
    if (!values.insert(resolution.value).second) {
      return Invalid(path + ".value", resolution.value, "not a repetition");
    }
    if (!sizes.emplace(resolution.height, resolution.width).second) {
      return Invalid(path, absl::StrCat(resolution.height, "x", resolution.width),
                     "not a repetition of another choice's size");
    }
    space_.resolutions_.push_back(resolution);
  }
  std::sort(space_.resolutions_.begin(), space_.resolutions_.end(),
            [](const Resolution& a, const Resolution& b) { return a.value < b.value; });
  return absl::OkStatus();
}

absl::Status SpaceReader::ReadWidthMults(const v1::SearchSpace& message) {
  if (!v1::WidthChoice_IsValid(message.width_choice())) {
    return Invalid("width_choice", static_cast<int>(message.width_choice()),
                   "a value of niwaki.v1.WidthChoice");
  }
  if (message.width_choice() == v1::WIDTH_CHOICE_PER_STAGE) {
    space_.width_choice_ = WidthChoice::kPerStage;
  }
  if (message.width_mults().empty()) {
    space_.width_mults_ = {1.0};
    return absl::OkStatus();
  }
  const auto check = [](const std::string& field, double value) {
    if (value > 0 && value <= kMaxWidthMult) return absl::OkStatus();
    return Invalid(field, value, absl::StrCat("above 0 and at most ", kMaxWidthMult));
  };
  return ReadChoices("width_mults", message.width_mults(), check, space_.width_mults_);
}

int SpaceReader::Scaled(int width) const {
  return ScaleWidth(width, space_.width_mults_.back(), space_.channel_multiple_);
}

absl::Status SpaceReader::CheckScaledWidth(const std::string& field, int width) const {
  NIWAKI_RETURN_IF_ERROR(CheckRange(field, width, 1, kMaxChannels));
  const int scaled = Scaled(width);
  if (scaled <= kMaxScaledWidth) return absl::OkStatus();
  return Invalid(field, absl::StrCat(width, " (", scaled, " at the largest width_mult)"),
                 absl::StrCat("at most ", kMaxScaledWidth, " after width_mult"));
}

absl::Status SpaceReader::ReadStem(const v1::SearchSpace& message) {
  const v1::Stem& stem = message.stem();
  NIWAKI_RETURN_IF_ERROR(CheckScaledWidth("stem.width", stem.width()));
  space_.stem_.width = stem.width();
  if (stem.kernel_size() != 0) {
    NIWAKI_RETURN_IF_ERROR(CheckKernelSize("stem.kernel_size", stem.kernel_size(), 1));
    space_.stem_.kernel_size = stem.kernel_size();
  }
  if (stem.stride() != 0) {
    NIWAKI_RETURN_IF_ERROR(CheckRange("stem.stride", stem.stride(), 1, 2));
    space_.stem_.stride = stem.stride();
  }
  if (stem.second_width() != 0) {
    NIWAKI_RETURN_IF_ERROR(CheckScaledWidth("stem.second_width", stem.second_width()));
    space_.stem_.second_width = stem.second_width();
  }
  if (!v1::StemResidual_IsValid(stem.residual())) {
    return Invalid("stem.residual", static_cast<int>(stem.residual()),
                   "a value of niwaki.v1.StemResidual");
  }
  if (stem.residual() == v1::STEM_RESIDUAL_ALWAYS) space_.stem_.residual = StemResidual::kAlways;
  if (stem.residual() == v1::STEM_RESIDUAL_OPTIONAL) {
    space_.stem_.residual = StemResidual::kOptional;
  }
  space_.stem_.max_pool = stem.max_pool();
  return ReadActivation("stem.activation", stem.activation(), space_.stem_.activation);
}

absl::Status SpaceReader::ReadStages(const v1::SearchSpace& message) {
  if (message.stages_size() < 1 || message.stages_size() > kMaxStages) {
    return Invalid("stages", absl::StrCat(message.stages_size(), " stages"),
                   absl::StrCat("1 to ", kMaxStages, " stages"));
  }
  for (int i = 0; i < message.stages_size(); ++i) {
    NIWAKI_RETURN_IF_ERROR(ReadStage(message.stages(i), absl::StrCat("stages[", i, "]")));
  }
  return absl::OkStatus();
}

absl::Status SpaceReader::ReadStage(const v1::Stage& message, const std::string& path) {
  Stage stage;
  if (!v1::BlockType_IsValid(message.type())) {
    return Invalid(path + ".type", static_cast<int>(message.type()),
                   "a value of niwaki.v1.BlockType");
  }
  if (message.type() == v1::BLOCK_TYPE_BOTTLENECK) stage.type = BlockType::kBottleneck;
  NIWAKI_RETURN_IF_ERROR(CheckScaledWidth(path + ".width", message.width()));
  stage.width = message.width();
  if (message.stride() != 0) {
    NIWAKI_RETURN_IF_ERROR(CheckRange(path + ".stride", message.stride(), 1, 2));
    stage.stride = message.stride();
  }
  const auto check_depth = [](const std::string& field, int value) {
    return CheckRange(field, value, 1, kMaxDepth);
  };
  NIWAKI_RETURN_IF_ERROR(
      ReadChoices(path + ".depths", message.depths(), check_depth, stage.depths));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange(path + ".base_depth", message.base_depth(), 0, stage.depths.front()));
  stage.base_depth = message.base_depth();
  const auto check_kernel = [](const std::string& field, int value) {
    return CheckKernelSize(field, value, 3);
  };
  NIWAKI_RETURN_IF_ERROR(ReadChoices(path + ".kernel_sizes", message.kernel_sizes(), check_kernel,
                                     stage.kernel_sizes));
  NIWAKI_RETURN_IF_ERROR(ReadExpandRatios(message, path, stage));
  NIWAKI_RETURN_IF_ERROR(
      ReadActivation(path + ".activation", message.activation(), stage.activation));
  if (stage.type == BlockType::kBottleneck) {
    NIWAKI_RETURN_IF_ERROR(CheckBottleneck(message, path));
  }
  stage.squeeze_excite = message.squeeze_excite();
  stage.shortcut = !message.no_shortcut();
  space_.stages_.push_back(std::move(stage));
  return absl::OkStatus();
}

absl::Status SpaceReader::ReadExpandRatios(const v1::Stage& message, const std::string& path,
                                           Stage& stage) const {
  RatioLimits limits;
  if (stage.type == BlockType::kBottleneck) {
    limits = {kMinBottleneckRatio, kMaxBottleneckRatio, Scaled(stage.width), kMaxBottleneckWidth};
  } else {
    const int before =
        space_.stages_.empty() ? space_.stem_.last_width() : space_.stages_.back().width;
    limits.channels = Scaled(std::max(before, stage.width));
  }
  const auto check = [&limits](const std::string& field, double value) {
    return CheckExpandRatio(field, value, limits);
  };
  return ReadChoices(path + ".expand_ratios", message.expand_ratios(), check, stage.expand_ratios);
}

absl::Status SpaceReader::CheckBottleneck(const v1::Stage& message, const std::string& path) {
  if (message.kernel_sizes_size() != 1) {
    return Invalid(path + ".kernel_sizes", absl::StrCat(message.kernel_sizes_size(), " choices"),
                   "1 choice in a bottleneck");
  }
  NIWAKI_RETURN_IF_ERROR(CheckUnset(path + ".squeeze_excite", message.squeeze_excite()));
  return CheckUnset(path + ".no_shortcut", message.no_shortcut());
}

absl::Status SpaceReader::ReadHead(const v1::SearchSpace& message) {
  const v1::Head& head = message.head();
  if (head.final_expand_width() != 0) {
    NIWAKI_RETURN_IF_ERROR(CheckScaledWidth("head.final_expand_width", head.final_expand_width()));
  }
  if (head.feature_mix_width() != 0) {
    NIWAKI_RETURN_IF_ERROR(CheckScaledWidth("head.feature_mix_width", head.feature_mix_width()));
  }
  Head& out = space_.head_;
  out.final_expand_width = head.final_expand_width();
  out.feature_mix_width = head.feature_mix_width();
  out.feature_mix_after_pool = head.feature_mix_after_pool();
  out.scale_feature_mix_only_up = head.scale_feature_mix_only_up();
  return ReadActivation("head.activation", head.activation(), out.activation);
}

}  // namespace niwaki::arch
