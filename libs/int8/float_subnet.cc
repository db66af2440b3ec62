#include "libs/int8/float_subnet.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_macros.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/batch.h"
#include "libs/supernet/weights.h"

namespace niwaki::int8 {
namespace {

using arch::Graph;
using arch::Op;
using supernet::LayerWeights;

std::vector<float> Leading(const at::Tensor& tensor, int64_t count) {
  if (!tensor.defined()) return {};
  const at::Tensor whole = tensor.contiguous();
  const float* values = whole.data_ptr<float>();
  return std::vector<float>(values, values + count);
}

// Square kernels of some channels, [C, side, side].
struct Kernels {
  int64_t channels = 0;
  int64_t side = 0;
  std::vector<float> values;
};

// The middle [C, height, width].
std::vector<float> Crop(const Kernels& kernels, int64_t height, int64_t width) {
  std::vector<float> crop;
  crop.reserve(kernels.channels * height * width);
  const int64_t top = (kernels.side - height) / 2;
  const int64_t left = (kernels.side - width) / 2;
  for (int64_t c = 0; c < kernels.channels; ++c) {
    for (int64_t y = 0; y < height; ++y) {
      const int64_t row = (c * kernels.side + top + y) * kernels.side + left;
      crop.insert(crop.end(), kernels.values.begin() + row, kernels.values.begin() + row + width);
    }
  }
  return crop;
}

// The middle of each kernel, [side * side], times `matrix`: sums in double precision, in order.
Kernels Transform(const Kernels& kernels, int64_t side, const at::Tensor& matrix) {
  const int64_t size = side * side;
  const std::vector<float> crop = Crop(kernels, side, side);
  const std::vector<float> factors = Leading(matrix, size * size);
  Kernels result = {kernels.channels, side, std::vector<float>(crop.size())};
  for (int64_t c = 0; c < kernels.channels; ++c) {
    for (int64_t to = 0; to < size; ++to) {
      double sum = 0;
      for (int64_t from = 0; from < size; ++from) {
        sum += double{crop[c * size + from]} * double{factors[to * size + from]};
      }
      result.values[c * size + to] = static_cast<float>(sum);
    }
  }
  return result;
}

// [kernel_h, kernel_w, C] of a full-size [C, 1, side, side] (supernet::SliceWeights).
std::vector<float> DepthwiseKernel(const LayerWeights& layer, int64_t channels, const Op& op) {
  Kernels kernels = {channels, layer.weight.size(2), {}};
  kernels.values = Leading(layer.weight, channels * kernels.side * kernels.side);
  const int64_t side = op.kernel_h == op.kernel_w ? op.kernel_h : kernels.side;
  if (kernels.side == 7 && side < 7 && layer.matrix_7to5.defined()) {
    kernels = Transform(kernels, 5, layer.matrix_7to5);
  }
  if (kernels.side == 5 && side < 5 && layer.matrix_5to3.defined()) {
    kernels = Transform(kernels, 3, layer.matrix_5to3);
  }
  const std::vector<float> planes = Crop(kernels, op.kernel_h, op.kernel_w);
  std::vector<float> innermost(planes.size());
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t t = 0; t < op.taps(); ++t) innermost[t * channels + c] = planes[c * op.taps() + t];
  }
  return innermost;
}

// [Co, kernel_h, kernel_w, Ci] of a full-size [Co, Ci, kernel_h, kernel_w], or [Co, Ci].
std::vector<float> DenseKernel(const LayerWeights& layer, int64_t out, int64_t in, const Op& op) {
  const at::Tensor whole = layer.weight.contiguous();
  const float* values = whole.data_ptr<float>();
  const int64_t full_in = whole.size(1);
  const int64_t taps = op.taps();
  std::vector<float> innermost(out * taps * in);
  for (int64_t o = 0; o < out; ++o) {
    for (int64_t i = 0; i < in; ++i) {
      for (int64_t t = 0; t < taps; ++t) {
        innermost[(o * taps + t) * in + i] = values[(o * full_in + i) * taps + t];
      }
    }
  }
  return innermost;
}

engine::FloatWeight WeightOf(const Graph& graph, const Op& op, const LayerWeights& layer) {
  const int64_t out = graph.shape(op.output).channels;
  engine::FloatWeight weight;
  weight.values = op.kind == arch::OpKind::kDepthwiseConv2d
                      ? DepthwiseKernel(layer, out, op)
                      : DenseKernel(layer, out, graph.shape(op.input).channels, op);
  if (op.bias) weight.bias = Leading(layer.bias, out);
  if (!op.batch_norm) return weight;
  weight.norm_scale = Leading(layer.norm_weight, out);
  weight.norm_shift = Leading(layer.norm_bias, out);
  weight.norm_mean = Leading(layer.norm_mean, out);
  weight.norm_variance = Leading(layer.norm_var, out);
  return weight;
}

}  // namespace

engine::FloatNetwork FloatSubnet(const supernet::Supernet& supernet, const arch::Subnet& subnet) {
  engine::FloatNetwork network;
  network.graph = arch::BuildGraph(supernet.space(), subnet);
  network.batch_norm_eps = supernet.space().batch_norm_eps();
  network.weights.resize(network.graph.weights.size());
  for (const Op& op : network.graph.ops) {
    if (op.weight < 0) continue;
    network.weights[op.weight] =
        WeightOf(network.graph, op, supernet.weights().layer(network.graph.weights[op.weight]));
  }
  return network;
}

engine::Examples ExamplesOf(const data::PreparedData& data, data::Split split, int64_t count,
                            const arch::Resolution& resolution) {
  engine::Examples examples;
  const int channels = data.metadata().channels;
  examples.shape = {resolution.height, resolution.width, channels};
  examples.count = count == 0 ? data.size(split) : std::min(count, data.size(split));
  examples.read = [&data, split, resolution, channels](int64_t index,
                                                       absl::Span<float> values) -> absl::Status {
    std::vector<float> planes(values.size());
    NIWAKI_RETURN_IF_ERROR(data::FillBatch(data, split, {index}, resolution.height,
                                           resolution.width, planes.data(), nullptr));
    const size_t pixels = values.size() / channels;
    for (size_t p = 0; p < pixels; ++p) {
      for (int c = 0; c < channels; ++c) values[p * channels + c] = planes[c * pixels + p];
    }
    return absl::OkStatus();
  };
  return examples;
}

engine::Loop ParallelLoop(int threads) {
  return [threads](int64_t n, const std::function<absl::Status(int64_t)>& body) {
    data::ParallelOptions options;
    options.threads = threads;
    return data::ParallelFor(n, options, body);
  };
}

}  // namespace niwaki::int8
