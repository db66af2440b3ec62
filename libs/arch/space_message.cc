#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "libs/arch/space.h"
#include "libs/arch/space_reader.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::arch {
namespace {

// A field that this program does not know would change the space without its knowing.
absl::Status CheckKnown(const std::string& path, const google::protobuf::Message& message) {
  const google::protobuf::UnknownFieldSet& unknown =
      message.GetReflection()->GetUnknownFields(message);
  if (unknown.empty()) return absl::OkStatus();
  const std::string field = absl::StrCat(path, unknown.field(0).number());
  return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
      .Field(field)
      .Value("field")
      .Limit("fields of niwaki.v1.SearchSpace")
      .Message(absl::StrCat("this version does not know field ", field, " of a space"));
}

absl::Status CheckAllKnown(const v1::SearchSpace& message) {
  NIWAKI_RETURN_IF_ERROR(CheckKnown("", message));
  for (int i = 0; i < message.resolutions_size(); ++i) {
    NIWAKI_RETURN_IF_ERROR(
        CheckKnown(absl::StrCat("resolutions[", i, "]."), message.resolutions(i)));
  }
  NIWAKI_RETURN_IF_ERROR(CheckKnown("stem.", message.stem()));
  for (int i = 0; i < message.stages_size(); ++i) {
    NIWAKI_RETURN_IF_ERROR(CheckKnown(absl::StrCat("stages[", i, "]."), message.stages(i)));
  }
  return CheckKnown("head.", message.head());
}

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

absl::StatusOr<SearchSpace> SearchSpace::FromMessage(const v1::SearchSpace& message) {
  NIWAKI_RETURN_IF_ERROR(CheckAllKnown(message));
  return SpaceReader::Read(message);
}

v1::SearchSpace SearchSpace::ToMessage() const {
  const SearchSpace& space = *this;
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
  if (space.channel_multiple() != kDefaultChannelMultiple) {
    message.set_channel_multiple(space.channel_multiple());
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

}  // namespace niwaki::arch
