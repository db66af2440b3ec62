#include "libs/supernet/forward.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <array>
#include <limits>
#include <utility>

#include "libs/base/log.h"
#include "libs/supernet/fused/fused_ops.h"

namespace niwaki::supernet {
namespace {

using arch::Graph;
using arch::Op;
using arch::OpActivation;
using arch::OpKind;

at::Tensor CropCentre(const at::Tensor& kernel, int64_t height, int64_t width) {
  return kernel.narrow(2, (kernel.size(2) - height) / 2, height)
      .narrow(3, (kernel.size(3) - width) / 2, width);
}

// Centre crop times a matrix over the flattened crop, the same for every channel.
at::Tensor TransformKernel(const at::Tensor& kernel, int64_t size, const at::Tensor& matrix) {
  const int64_t channels = kernel.size(0);
  const at::Tensor flat = CropCentre(kernel, size, size).reshape({channels, size * size});
  return at::matmul(flat, matrix.t()).view({channels, 1, size, size});
}

// Matrices belong to square kernels.
at::Tensor DepthwiseKernel(const LayerWeights& layer, int64_t channels, const Op& op) {
  at::Tensor kernel = layer.weight.narrow(0, 0, channels);
  const int64_t size = op.kernel_h == op.kernel_w ? op.kernel_h : kernel.size(2);
  if (kernel.size(2) == 7 && size < 7 && layer.matrix_7to5.defined()) {
    kernel = TransformKernel(kernel, 5, layer.matrix_7to5);
  }
  if (kernel.size(2) == 5 && size < 5 && layer.matrix_5to3.defined()) {
    kernel = TransformKernel(kernel, 3, layer.matrix_5to3);
  }
  const bool whole = kernel.size(2) == op.kernel_h && kernel.size(3) == op.kernel_w;
  return whole ? kernel : CropCentre(kernel, op.kernel_h, op.kernel_w);
}

at::Tensor SliceKernel(const Graph& graph, const Op& op, const LayerWeights& layer) {
  const int64_t in = graph.shape(op.input).channels;
  const int64_t out = graph.shape(op.output).channels;
  if (op.kind == OpKind::kDepthwiseConv2d) return DepthwiseKernel(layer, out, op);
  return layer.weight.narrow(0, 0, out).narrow(1, 0, in);
}

at::Tensor Leading(const at::Tensor& tensor, int64_t count) {
  return tensor.defined() ? tensor.narrow(0, 0, count) : tensor;
}

// Kernel, stride and padding for LibTorch. Where opposite sides differ, or have more than the half
// kernel that its pools allow, the input is padded beforehand.
struct Window {
  std::array<int64_t, 2> kernel;
  std::array<int64_t, 2> stride;
  std::array<int64_t, 2> padding;
  at::Tensor input;
};

// Cells beyond the edges hold `edge`.
Window WindowOf(const at::Tensor& x, const Op& op, double edge) {
  const arch::Padding& sides = op.padding;
  Window window = {
      {op.kernel_h, op.kernel_w}, {op.stride_h, op.stride_w}, {sides.top, sides.left}, x};
  const bool simple = sides.top == sides.bottom && sides.left == sides.right &&
                      sides.top <= op.kernel_h / 2 && sides.left <= op.kernel_w / 2;
  if (simple) return window;
  window.padding = {0, 0};
  window.input = at::constant_pad_nd(x, {sides.left, sides.right, sides.top, sides.bottom}, edge);
  return window;
}

at::Tensor Convolve(const at::Tensor& x, const Op& op, const OpTensors& tensors, int64_t groups) {
  const Window w = WindowOf(x, op, 0);
  return at::conv2d(w.input, tensors.weight, tensors.bias, w.stride, w.padding, /*dilation=*/1,
                    groups);
}

at::Tensor MaxPool(const at::Tensor& x, const Op& op) {
  const Window w = WindowOf(x, op, -std::numeric_limits<double>::infinity());
  return at::max_pool2d(w.input, w.kernel, w.stride, w.padding);
}

// Padding does not count: the sums of the windows over the numbers of real cells in them.
at::Tensor AvgPool(const at::Tensor& x, const Op& op, bool usual) {
  const std::array<int64_t, 2> kernel = {op.kernel_h, op.kernel_w};
  const std::array<int64_t, 2> stride = {op.stride_h, op.stride_w};
  if (usual) return at::avg_pool2d(x, kernel, stride, /*padding=*/0, /*ceil_mode=*/true);
  const arch::Padding& p = op.padding;
  const std::array<int64_t, 4> sides = {p.left, p.right, p.top, p.bottom};
  const at::Tensor ones = at::ones({1, 1, x.size(2), x.size(3)}, x.options());
  const at::Tensor shares = at::avg_pool2d(at::constant_pad_nd(ones, sides), kernel, stride);
  return at::avg_pool2d(at::constant_pad_nd(x, sides), kernel, stride).div(shares);
}

// The windows that FastDepthwise knows.
bool IsFastWindow(const Graph& graph, const Op& op) {
  return (op.kernel_h == 3 || op.kernel_h == 5 || op.kernel_h == 7) &&
         arch::HasUsualWindow(graph, op);
}

// In place where that is safe: `x` is always the fresh output of a convolution or a batch norm.
at::Tensor Activate(at::Tensor x, OpActivation activation) {
  switch (activation) {
    case OpActivation::kNone:
      return x;
    case OpActivation::kRelu:
      return x.relu_();
    case OpActivation::kRelu6:
      return at::hardtanh_(x, 0.0, 6.0);
    case OpActivation::kHardSwish:
      return at::GradMode::is_enabled() ? at::hardswish(x) : at::hardswish_(x);
    case OpActivation::kHardSigmoid:
      return at::hardsigmoid(x);
    case OpActivation::kLogistic:
      return at::sigmoid(x);
  }
  return x;
}

// LibTorch reports 1 / sqrt(variance + eps) of the batch; the sum inside the root is exact enough
// to go back.
at::Tensor NormaliseByBatch(const at::Tensor& x, const OpTensors& tensors, double eps,
                            BatchMoments& moments) {
  auto [y, mean, inverse_deviation] = at::native_batch_norm(
      x, tensors.norm_weight, tensors.norm_bias, {}, {}, /*training=*/true, /*momentum=*/0.0, eps);
  moments.mean = mean.detach().to(at::kDouble);
  moments.variance = inverse_deviation.detach().to(at::kDouble).pow(-2).sub_(eps).clamp_min_(0.0);
  return y;
}

// Moves the stored statistics towards the batch's, with the unbiased variance as LibTorch does.
void UpdateStored(const OpTensors& tensors, const BatchMoments& moments, int64_t rows,
                  double momentum) {
  c10::AutoGradMode no_gradients(false);
  const double unbiased =
      rows > 1 ? static_cast<double>(rows) / static_cast<double>(rows - 1) : 1.0;
  at::Tensor mean = tensors.norm_mean;
  at::Tensor variance = tensors.norm_var;
  mean.mul_(1 - momentum).add_(moments.mean.to(mean.scalar_type()), momentum);
  variance.mul_(1 - momentum)
      .add_(moments.variance.to(variance.scalar_type()), momentum * unbiased);
}

// One run over a graph: the live activations and who still needs them.
class Run {
 public:
  Run(const Graph& graph, const std::vector<OpTensors>& tensors, const ForwardOptions& options)
      : graph_(graph),
        tensors_(tensors),
        options_(options),
        values_(graph.tensors.size()),
        uses_(graph.tensors.size(), 0) {
    for (const Op& op : graph.ops) {
      ++uses_[op.input];
      if (op.second_input >= 0) ++uses_[op.second_input];
    }
    ++uses_[graph.output];
  }

  at::Tensor Logits(const at::Tensor& input) {
    values_[graph_.input] = input;
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      const Op& op = graph_.ops[i];
      values_[op.output] = Compute(op, i);
      Release(op.input);
      if (op.second_input >= 0) Release(op.second_input);
    }
    return values_[graph_.output].flatten(1);
  }

 private:
  void Release(arch::TensorId id) {
    if (--uses_[id] == 0) values_[id] = at::Tensor();
  }

  at::Tensor Compute(const Op& op, size_t index) {
    const at::Tensor& x = values_[op.input];
    const OpTensors& tensors = tensors_[index];
    switch (op.kind) {
      case OpKind::kConv2d:
        return Finish(Convolve(x, op, tensors, /*groups=*/1), op, index);
      case OpKind::kDepthwiseConv2d:
        return ComputeDepthwise(op, x, index);
      case OpKind::kLinear:
        return Finish(at::linear(x.flatten(1), tensors.weight, tensors.bias), op, index);
      case OpKind::kAdd:
        return Activate(Add(op), op.activation);
      case OpKind::kMul:
        return at::mul(x, values_[op.second_input]);
      case OpKind::kGlobalAvgPool:
        return x.mean({2, 3}, /*keepdim=*/true);
      case OpKind::kMaxPool:
        return MaxPool(x, op);
      case OpKind::kAvgPool:
        return AvgPool(x, op, arch::HasUsualPadding(graph_, op));
      default:
        break;
    }
    // Networks of spaces have no other kinds.
    NIWAKI_CHECK(false);
    return x;
  }

  at::Tensor ComputeDepthwise(const Op& op, const at::Tensor& x, size_t index) {
    const OpTensors& tensors = tensors_[index];
    const bool with_norm = tensors.norm_weight.defined();
    if (!FastOpsApply(x) || !IsFastWindow(graph_, op) ||
        (at::GradMode::is_enabled() && !with_norm)) {
      return Finish(Convolve(x, op, tensors, /*groups=*/tensors.weight.size(0)), op, index);
    }
    if (with_norm)
      return Finish(FastDepthwise(x, tensors.weight, {}, op.stride_h, OpActivation::kNone), op,
                    index);
    return FastDepthwise(x, tensors.weight, tensors.bias, op.stride_h, op.activation);
  }

  at::Tensor Finish(at::Tensor x, const Op& op, size_t index) {
    const OpTensors& tensors = tensors_[index];
    if (!tensors.norm_weight.defined()) return Activate(std::move(x), op.activation);
    if (options_.mode == NormMode::kStored) {
      return Activate(at::batch_norm(x, tensors.norm_weight, tensors.norm_bias, tensors.norm_mean,
                                     tensors.norm_var,
                                     /*training=*/false, /*momentum=*/0.0, options_.eps,
                                     /*cudnn_enabled=*/true),
                      op.activation);
    }
    const int64_t rows = x.numel() / x.size(1);
    BatchMoments moments;
    if (FastOpsApply(x)) {
      x = FastNormActivate(x, tensors.norm_weight, tensors.norm_bias, options_.eps, op.activation,
                           moments);
    } else {
      x = Activate(NormaliseByBatch(x, tensors, options_.eps, moments), op.activation);
    }
    if (options_.mode == NormMode::kTrain) {
      UpdateStored(tensors, moments, rows, options_.momentum);
    } else {
      options_.observed->mean[index] = moments.mean;
      options_.observed->variance[index] = moments.variance;
    }
    return x;
  }

  // Adds into the operand that nobody else reads: the projection's output, whose value no gradient
  // needs.
  at::Tensor Add(const Op& op) {
    const bool first_is_free = uses_[op.input] == 1;
    at::Tensor target = values_[first_is_free ? op.input : op.second_input];
    const at::Tensor& other = values_[first_is_free ? op.second_input : op.input];
    const bool free = uses_[first_is_free ? op.input : op.second_input] == 1;
    if (!free || at::GradMode::is_enabled()) return at::add(target, other);
    return target.add_(other);
  }

  const Graph& graph_;
  const std::vector<OpTensors>& tensors_;
  const ForwardOptions& options_;
  std::vector<at::Tensor> values_;
  std::vector<int> uses_;
};

}  // namespace

std::vector<OpTensors> SliceWeights(const SharedWeights& weights, const Graph& graph) {
  std::vector<OpTensors> slices(graph.ops.size());
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (op.weight < 0) continue;
    const LayerWeights& layer = weights.layer(graph.weights[op.weight]);
    const int64_t out = graph.shape(op.output).channels;
    slices[i].weight = SliceKernel(graph, op, layer);
    slices[i].bias = Leading(layer.bias, out);
    slices[i].norm_weight = Leading(layer.norm_weight, out);
    slices[i].norm_bias = Leading(layer.norm_bias, out);
    slices[i].norm_mean = Leading(layer.norm_mean, out);
    slices[i].norm_var = Leading(layer.norm_var, out);
  }
  return slices;
}

at::Tensor Forward(const Graph& graph, const std::vector<OpTensors>& tensors,
                   const at::Tensor& input, const ForwardOptions& options) {
  NIWAKI_CHECK(tensors.size() == graph.ops.size());
  if (options.mode == NormMode::kObserve) {
    NIWAKI_CHECK(options.observed != nullptr);
    options.observed->mean.assign(graph.ops.size(), at::Tensor());
    options.observed->variance.assign(graph.ops.size(), at::Tensor());
  }
  return Run(graph, tensors, options).Logits(input);
}

}  // namespace niwaki::supernet
