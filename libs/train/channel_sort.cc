#include "libs/train/channel_sort.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

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

at::Tensor DescendingImportance(const at::Tensor& kernel) {
  return std::get<1>(
      at::sort(kernel.abs().sum({0, 2, 3}), /*stable=*/true, /*dim=*/0, /*descending=*/true));
}

void SortBlock(int16_t stage, int16_t block, supernet::SharedWeights& weights) {
  const auto named = [&](WeightRole role) { return Weight{role, stage, block}; };
  if (!weights.has_layer(named(WeightRole::kExpand))) return;
  supernet::LayerWeights& project = weights.layer(named(WeightRole::kProject));
  const at::Tensor order = DescendingImportance(project.weight);
  Permute(project.weight, 1, order);
  PermuteOutputs(weights.layer(named(WeightRole::kDepthwise)), order);
  PermuteOutputs(weights.layer(named(WeightRole::kExpand)), order);
  if (!weights.has_layer(named(WeightRole::kSqueezeExpand))) return;
  supernet::LayerWeights& reduce = weights.layer(named(WeightRole::kSqueezeReduce));
  supernet::LayerWeights& expand = weights.layer(named(WeightRole::kSqueezeExpand));
  PermuteOutputs(expand, order);
  Permute(reduce.weight, 1, order);
  const at::Tensor squeeze_order = DescendingImportance(expand.weight);
  Permute(expand.weight, 1, squeeze_order);
  PermuteOutputs(reduce, squeeze_order);
}

}  // namespace

void SortExpansionChannels(const arch::SearchSpace& space, supernet::SharedWeights& weights) {
  c10::AutoGradMode no_gradients(false);
  for (size_t stage = 0; stage < space.stages().size(); ++stage) {
    for (int block = 0; block < space.stages()[stage].max_depth(); ++block) {
      SortBlock(static_cast<int16_t>(stage), static_cast<int16_t>(block), weights);
    }
  }
}

}  // namespace niwaki::train
