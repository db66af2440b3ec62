#include "libs/engine/quantise/fold_batch_norm.h"

#include <cmath>
#include <utility>

namespace niwaki::engine {
namespace {

// The output channel of a weight's element.
int64_t ChannelOf(const arch::Op& op, size_t element, size_t elements, int channels) {
  if (op.kind == arch::OpKind::kDepthwiseConv2d) return element % channels;
  return element / (elements / channels);
}

void Fold(const arch::Op& op, int channels, double eps, FloatWeight& weight) {
  std::vector<double> factors(channels);
  std::vector<float> bias(channels);
  for (int c = 0; c < channels; ++c) {
    factors[c] = weight.norm_scale[c] / std::sqrt(double{weight.norm_variance[c]} + eps);
    const double before = weight.bias.empty() ? 0.0 : weight.bias[c];
    bias[c] = static_cast<float>(weight.norm_shift[c] + (before - weight.norm_mean[c]) * factors[c]);
  }
  const size_t elements = weight.values.size();
  for (size_t i = 0; i < elements; ++i) {
    weight.values[i] =
        static_cast<float>(weight.values[i] * factors[ChannelOf(op, i, elements, channels)]);
  }
  FloatWeight folded;
  folded.values = std::move(weight.values);
  folded.bias = std::move(bias);
  weight = std::move(folded);
}

}  // namespace

FloatNetwork FoldBatchNorm(FloatNetwork network) {
  for (arch::Op& op : network.graph.ops) {
    if (!op.batch_norm) continue;
    Fold(op, OutputChannels(network.graph, op), network.batch_norm_eps,
         network.weights[op.weight]);
    op.batch_norm = false;
    op.bias = true;
  }
  return network;
}

}  // namespace niwaki::engine
