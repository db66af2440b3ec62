#include "libs/interchange/ofa/fixed_space.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::interchange {
namespace {

bool SameOp(const arch::Op& a, const arch::Op& b) {
  return a.kind == b.kind && a.activation == b.activation && a.input == b.input &&
         a.second_input == b.second_input && a.output == b.output && a.kernel_h == b.kernel_h &&
         a.kernel_w == b.kernel_w && a.stride_h == b.stride_h && a.stride_w == b.stride_w &&
         a.padding == b.padding && a.batch_norm == b.batch_norm && a.bias == b.bias &&
         a.weight == b.weight;
}

bool SameShape(const arch::TensorShape& a, const arch::TensorShape& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

bool SameNetwork(const arch::Graph& a, const arch::Graph& b) {
  return std::equal(a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end(), SameOp) &&
         std::equal(a.tensors.begin(), a.tensors.end(), b.tensors.begin(), b.tensors.end(),
                    SameShape);
}

int Scaled(const arch::SearchSpace& space, int width, double width_mult) {
  return arch::ScaleWidth(width, width_mult, space.channel_multiple());
}

void FixStem(const arch::SearchSpace& space, const arch::Subnet& subnet, v1::Stem& stem) {
  const arch::Stem& elastic = space.stem();
  stem.set_width(Scaled(space, elastic.width, arch::StemWidthMultOf(space, subnet, 0)));
  if (elastic.second_width > 0) {
    stem.set_second_width(
        Scaled(space, elastic.second_width, arch::StemWidthMultOf(space, subnet, 1)));
  }
  stem.set_residual(arch::HasStemResidual(space, subnet) ? v1::STEM_RESIDUAL_ALWAYS
                                                         : v1::STEM_RESIDUAL_NONE);
}

void FixHead(const arch::SearchSpace& space, double width_mult, v1::Head& head) {
  const arch::Head& elastic = space.head();
  if (elastic.final_expand_width > 0) {
    head.set_final_expand_width(Scaled(space, elastic.final_expand_width, width_mult));
  }
  if (elastic.feature_mix_width > 0) {
    head.set_feature_mix_width(arch::FeatureMixWidth(space, width_mult));
  }
}

// The blocks of one stage of `space`, each a stage of `fixed`.
void AddBlocks(const arch::SearchSpace& space, const arch::Subnet& subnet, int s,
               const v1::Stage& elastic, v1::SearchSpace& fixed) {
  const arch::Stage& stage = space.stages()[s];
  const int width = Scaled(space, stage.width, arch::StageWidthMultOf(space, subnet, s));
  for (int b = 0; b < arch::DepthOf(space, subnet, s); ++b) {
    v1::Stage& block = *fixed.add_stages();
    block = elastic;
    block.set_width(width);
    block.set_stride(b == 0 ? stage.stride : 1);
    block.clear_depths();
    block.add_depths(1);
    block.clear_kernel_sizes();
    block.add_kernel_sizes(arch::KernelSizeOf(space, subnet, s, b));
    block.clear_expand_ratios();
    const double ratio = arch::ExpandRatioOf(space, subnet, s, b);
    const bool has_convolution =
        stage.type == arch::BlockType::kMbConv && stage.expand_ratios.back() != 1;
    block.add_expand_ratios(ratio == 1 && has_convolution ? kByOneWithConvolution : ratio);
    block.clear_base_depth();
    if (stage.type == arch::BlockType::kMbConv) {
      block.set_no_shortcut(!arch::HasShortcut(space, s, b));
    }
  }
}

}  // namespace

bool IsFixed(const arch::SearchSpace& space) {
  const std::vector<uint8_t>& sizes = space.gene_sizes();
  return std::all_of(sizes.begin(), sizes.end(), [](uint8_t size) { return size == 1; });
}

absl::StatusOr<arch::SearchSpace> FixedSpace(const arch::SearchSpace& space,
                                             const arch::Subnet& subnet, const std::string& name) {
  v1::SearchSpace fixed = space.ToMessage();
  const v1::SearchSpace elastic = fixed;
  const arch::Resolution& resolution = arch::ResolutionOf(space, subnet);
  fixed.set_name(name);
  fixed.set_description(absl::StrCat("One network of ", space.name(), "."));
  fixed.clear_resolutions();
  v1::Resolution& input = *fixed.add_resolutions();
  input.set_value(resolution.value);
  input.set_height(resolution.height);
  input.set_width(resolution.width);
  fixed.clear_width_mults();
  fixed.add_width_mults(1);
  fixed.set_kernel_transform(v1::KERNEL_TRANSFORM_CROP);
  fixed.set_width_choice(v1::WIDTH_CHOICE_GLOBAL);
  FixStem(space, subnet, *fixed.mutable_stem());
  fixed.clear_stages();
  const int stages = static_cast<int>(space.stages().size());
  for (int s = 0; s < stages; ++s) AddBlocks(space, subnet, s, elastic.stages(s), fixed);
  FixHead(space, arch::StageWidthMultOf(space, subnet, stages - 1), *fixed.mutable_head());
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace alone, arch::SearchSpace::FromMessage(fixed));
  if (SameNetwork(arch::BuildGraph(alone, arch::MaxSubnet(alone)),
                  arch::BuildGraph(space, subnet))) {
    return alone;
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
      .Field("subnet")
      .Value(arch::ToJson(space, subnet))
      .Message(absl::StrCat("the subnet of '", space.name(),
                            "' cannot be written as a space of one network"));
}

}  // namespace niwaki::interchange
