#include "libs/supernet/scoring/recalibrate.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <utility>

#include "libs/base/log.h"

namespace niwaki::supernet {

BatchContribution ObserveBatch(const arch::Graph& graph, const std::vector<OpTensors>& tensors,
                               const at::Tensor& input, double eps) {
  c10::InferenceMode no_gradients;
  BatchContribution contribution;
  contribution.images = input.size(0);
  ForwardOptions options;
  options.mode = NormMode::kObserve;
  options.eps = eps;
  options.observed = &contribution.statistics;
  Forward(graph, tensors, input, options);
  return contribution;
}

BatchNormStatistics AverageStatistics(absl::Span<const BatchContribution> batches) {
  NIWAKI_CHECK(!batches.empty());
  c10::InferenceMode no_gradients;
  double images = 0;
  for (const BatchContribution& batch : batches) images += static_cast<double>(batch.images);
  const size_t ops = batches.front().statistics.mean.size();
  BatchNormStatistics average;
  average.mean.resize(ops);
  average.variance.resize(ops);
  for (size_t i = 0; i < ops; ++i) {
    if (!batches.front().statistics.mean[i].defined()) continue;
    average.mean[i] = at::zeros_like(batches.front().statistics.mean[i]);
    average.variance[i] = at::zeros_like(average.mean[i]);
    for (const BatchContribution& batch : batches) {
      const double share = static_cast<double>(batch.images) / images;
      average.mean[i].add_(batch.statistics.mean[i], share);
      average.variance[i].add_(batch.statistics.variance[i], share);
    }
  }
  return average;
}

BatchNormStatistics RecalibrateBatchNorm(const arch::Graph& graph,
                                         const std::vector<OpTensors>& tensors,
                                         absl::Span<const at::Tensor> batches, double eps) {
  std::vector<BatchContribution> contributions;
  contributions.reserve(batches.size());
  for (const at::Tensor& batch : batches) {
    contributions.push_back(ObserveBatch(graph, tensors, batch, eps));
  }
  return AverageStatistics(contributions);
}

std::vector<OpTensors> WithStatistics(std::vector<OpTensors> tensors,
                                      const BatchNormStatistics& statistics) {
  c10::InferenceMode no_gradients;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].norm_weight.defined()) continue;
    tensors[i].norm_mean = statistics.mean[i].to(tensors[i].norm_weight.scalar_type());
    tensors[i].norm_var = statistics.variance[i].to(tensors[i].norm_weight.scalar_type());
  }
  return tensors;
}

std::vector<OpTensors> FoldBatchNorm(const std::vector<OpTensors>& tensors, double eps) {
  c10::InferenceMode no_gradients;
  std::vector<OpTensors> folded(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    const OpTensors& from = tensors[i];
    if (!from.norm_weight.defined()) {
      folded[i] = from;
      continue;
    }
    const auto type = from.weight.scalar_type();
    const at::Tensor scale =
        from.norm_weight.to(at::kDouble) / (from.norm_var.to(at::kDouble) + eps).sqrt();
    at::Tensor shift = from.norm_bias.to(at::kDouble) - from.norm_mean.to(at::kDouble) * scale;
    if (from.bias.defined()) shift += from.bias.to(at::kDouble) * scale;
    folded[i].weight = (from.weight.to(at::kDouble) * scale.view({-1, 1, 1, 1})).to(type);
    folded[i].bias = shift.to(type);
  }
  return folded;
}

}  // namespace niwaki::supernet
