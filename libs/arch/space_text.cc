#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "libs/arch/space.h"
#include "libs/arch/space_reader.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::arch {
namespace {

constexpr size_t kMaxTextBytes = size_t{1} << 20;
// Nothing in the message nests deeper than three.
constexpr int kMaxNesting = 10;

// Keeps the first error of the parser.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (found_) return;
    found_ = true;
    line_ = line;
    column_ = column;
    const bool ascii = std::all_of(message.begin(), message.end(), absl::ascii_isprint);
    message_ = ascii ? message : absl::CHexEscape(message);
  }

  absl::Status ToStatus(absl::string_view text) const {
    // A negative line means the end of the text.
    const std::string place = line_ < 0
                                  ? std::string("end of text")
                                  : absl::StrCat("line ", line_ + 1, ", column ", column_ + 1);
    return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
        .Field(place)
        .Value(Printable(LineOf(text)))
        .Limit("textproto of niwaki.v1.SearchSpace")
        .Message(absl::StrCat(place, ": ", message_));
  }

 private:
  absl::string_view LineOf(absl::string_view text) const {
    for (int i = 0; i < line_; ++i) {
      const size_t end = text.find('\n');
      if (end == absl::string_view::npos) return "";
      text.remove_prefix(end + 1);
    }
    return absl::StripAsciiWhitespace(text.substr(0, text.find('\n')));
  }

  bool found_ = false;
  int line_ = -1;
  int column_ = 0;
  std::string message_ = "not a textproto";
};

v1::Activation ToProto(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return v1::ACTIVATION_NONE;
    case Activation::kRelu:
      return v1::ACTIVATION_RELU;
    case Activation::kRelu6:
      return v1::ACTIVATION_RELU6;
    case Activation::kHardSwish:
      return v1::ACTIVATION_HARD_SWISH;
  }
  return v1::ACTIVATION_UNSPECIFIED;
}

void StemToProto(const Stem& stem, v1::Stem& message) {
  message.set_width(stem.width);
  message.set_kernel_size(stem.kernel_size);
  message.set_stride(stem.stride);
  message.set_activation(ToProto(stem.activation));
  message.set_second_width(stem.second_width);
  if (stem.residual == StemResidual::kAlways) message.set_residual(v1::STEM_RESIDUAL_ALWAYS);
  if (stem.residual == StemResidual::kOptional) message.set_residual(v1::STEM_RESIDUAL_OPTIONAL);
  message.set_max_pool(stem.max_pool);
}

void StageToProto(const Stage& stage, v1::Stage& message) {
  message.set_type(stage.type == BlockType::kBottleneck ? v1::BLOCK_TYPE_BOTTLENECK
                                                        : v1::BLOCK_TYPE_MBCONV);
  message.set_width(stage.width);
  message.set_stride(stage.stride);
  for (const int depth : stage.depths) message.add_depths(depth);
  for (const int kernel_size : stage.kernel_sizes) message.add_kernel_sizes(kernel_size);
  for (const double ratio : stage.expand_ratios) message.add_expand_ratios(ratio);
  message.set_activation(ToProto(stage.activation));
  message.set_squeeze_excite(stage.squeeze_excite);
  message.set_no_shortcut(!stage.shortcut);
  message.set_base_depth(stage.base_depth);
}

}  // namespace

v1::SearchSpace ToProto(const SearchSpace& space) {
  v1::SearchSpace message;
  message.set_name(space.name());
  message.set_description(space.description());
  message.set_input_channels(space.input_channels());
  message.set_num_classes(space.num_classes());
  for (const Resolution& resolution : space.resolutions()) {
    v1::Resolution& item = *message.add_resolutions();
    item.set_value(resolution.value);
    if (resolution.height != resolution.value) item.set_height(resolution.height);
    if (resolution.width != resolution.value) item.set_width(resolution.width);
  }
  for (const double width_mult : space.width_mults()) message.add_width_mults(width_mult);
  message.set_kernel_transform(space.kernel_transform() == KernelTransform::kMatrix
                                   ? v1::KERNEL_TRANSFORM_MATRIX
                                   : v1::KERNEL_TRANSFORM_CROP);
  message.set_batch_norm_eps(space.batch_norm_eps());
  if (space.width_choice() == WidthChoice::kPerStage) {
    message.set_width_choice(v1::WIDTH_CHOICE_PER_STAGE);
  }
  StemToProto(space.stem(), *message.mutable_stem());
  for (const Stage& stage : space.stages()) StageToProto(stage, *message.add_stages());
  message.mutable_head()->set_final_expand_width(space.head().final_expand_width);
  message.mutable_head()->set_feature_mix_width(space.head().feature_mix_width);
  message.mutable_head()->set_feature_mix_after_pool(space.head().feature_mix_after_pool);
  message.mutable_head()->set_scale_feature_mix_only_up(space.head().scale_feature_mix_only_up);
  message.mutable_head()->set_activation(ToProto(space.head().activation));
  return message;
}

absl::StatusOr<SearchSpace> SearchSpace::FromTextproto(absl::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
        .Field("textproto")
        .Value(absl::StrCat(text.size(), " bytes"))
        .Limit(absl::StrCat(kMaxTextBytes, " bytes"))
        .Message(absl::StrCat("the text of a space is at most ", kMaxTextBytes, " bytes"));
  }
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxNesting);
  v1::SearchSpace message;
  if (!parser.ParseFromString(std::string(text), &message)) return error.ToStatus(text);
  return SpaceReader::Read(message);
}

std::string SearchSpace::ToTextproto() const {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseShortRepeatedPrimitives(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(ToProto(*this), &text);
  return text;
}

}  // namespace niwaki::arch
