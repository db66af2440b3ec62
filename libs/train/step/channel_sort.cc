#include "libs/train/step/channel_sort.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "libs/arch/graph.h"

namespace niwaki::train {
namespace {

using arch::Weight;
using arch::WeightRole;

// Reorders `tensor` along `dimension` in place, so that other holders of it see the change.
void Permute(at::Tensor& tensor, int64_t dimension, const at::Tensor& order) {
  if (tensor.defined()) tensor.copy_(tensor.index_select(dimension, order));
}

// The output side of a layer: kernel rows, bias and batch norm.
void PermuteOutputs(supernet::LayerWeights& layer, const at::Tensor& order) {
  for (at::Tensor* tensor : {&layer.weight, &layer.bias, &layer.norm_weight, &layer.norm_bias,
                             &layer.norm_mean, &layer.norm_var}) {
    Permute(*tensor, 0, order);
  }
}

at::Tensor Importance(const at::Tensor& kernel) { return kernel.abs().sum({0, 2, 3}); }

// LibTorch's plain sort, as in the reference: its order of equals is not that of a stable one.
at::Tensor Descending(const at::Tensor& importance) {
  return std::get<1>(at::sort(importance, /*dim=*/0, /*descending=*/true));
}

// Lowers every band of channels beyond a width in use by more than any importance. In float32, as
// the reference: what is left of the importance decides ties the same way.
// The widths are those ratios of `base` channels.
void LowerBands(const arch::SearchSpace& space, const arch::Stage& stage, int64_t base, int in_use,
                at::Tensor& importance) {
  constexpr double kBand = 1e5;
  const std::vector<double>& ratios = stage.expand_ratios;
  const int count = static_cast<int>(ratios.size());
  int64_t right = importance.size(0);
  for (int i = 0; i <= std::min(in_use, count - 1); ++i) {
    const int64_t left =
        std::min<int64_t>(right, arch::ExpandedWidth(static_cast<int>(base), ratios[count - 1 - i],
                                                     space.channel_multiple()));
    importance.narrow(0, left, right - left).add_(kBand * (i - count));
    right = left;
  }
}

// Sorts the inputs of `reader`, whose widths are ratios of `base` channels; returns their order.
at::Tensor SortInputs(const arch::SearchSpace& space, const arch::Stage& stage, int64_t base,
                      int in_use, supernet::LayerWeights& reader) {
  at::Tensor importance = Importance(reader.weight);
  if (in_use > 0) LowerBands(space, stage, base, in_use, importance);
  const at::Tensor order = Descending(importance);
  Permute(reader.weight, 1, order);
  return order;
}

// A bottleneck has two inner tensors of one width: what its last convolution reads, and what its
// middle one does. Both widths are ratios of its output's.
void SortBottleneck(const arch::SearchSpace& space, int16_t index, int16_t block, int in_use,
                    supernet::SharedWeights& weights) {
  const arch::Stage& stage = space.stages()[index];
  const auto layer = [&](WeightRole role) -> supernet::LayerWeights& {
    return weights.layer(Weight{role, index, block});
  };
  supernet::LayerWeights& restore = layer(WeightRole::kRestore);
  supernet::LayerWeights& spatial = layer(WeightRole::kSpatial);
  const int64_t base = restore.weight.size(0);
  PermuteOutputs(spatial, SortInputs(space, stage, base, in_use, restore));
  PermuteOutputs(layer(WeightRole::kReduce), SortInputs(space, stage, base, in_use, spatial));
}

void SortBlock(const arch::SearchSpace& space, int16_t stage, int16_t block, int in_use,
               supernet::SharedWeights& weights) {
  const auto named = [&](WeightRole role) { return Weight{role, stage, block}; };
  const arch::Stage& of = space.stages()[stage];
  if (of.type == arch::BlockType::kBottleneck) {
    return SortBottleneck(space, stage, block, in_use, weights);
  }
  if (!weights.has_layer(named(WeightRole::kExpand))) return;
  const int64_t block_in = weights.layer(named(WeightRole::kExpand)).weight.size(1);
  const at::Tensor order =
      SortInputs(space, of, block_in, in_use, weights.layer(named(WeightRole::kProject)));
  PermuteOutputs(weights.layer(named(WeightRole::kDepthwise)), order);
  PermuteOutputs(weights.layer(named(WeightRole::kExpand)), order);
  if (!weights.has_layer(named(WeightRole::kSqueezeExpand))) return;
  supernet::LayerWeights& reduce = weights.layer(named(WeightRole::kSqueezeReduce));
  supernet::LayerWeights& expand = weights.layer(named(WeightRole::kSqueezeExpand));
  PermuteOutputs(expand, order);
  Permute(reduce.weight, 1, order);
  const at::Tensor squeeze_order = Descending(Importance(expand.weight));
  Permute(expand.weight, 1, squeeze_order);
  PermuteOutputs(reduce, squeeze_order);
}

}  // namespace

void SortExpansionChannels(const arch::SearchSpace& space, int stage,
                           supernet::SharedWeights& weights) {
  c10::AutoGradMode no_gradients(false);
  for (size_t i = 0; i < space.stages().size(); ++i) {
    for (int block = 0; block < space.stages()[i].max_depth(); ++block) {
      SortBlock(space, static_cast<int16_t>(i), static_cast<int16_t>(block), stage, weights);
    }
  }
}

}  // namespace niwaki::train
