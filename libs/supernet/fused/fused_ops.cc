#include "libs/supernet/fused/fused_ops.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

#include "libs/base/log.h"
#include "libs/supernet/fused/fast_kernels.h"

namespace niwaki::supernet {
namespace {

using arch::OpActivation;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

FastActivation ActivationOf(OpActivation activation) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (activation) {
    case OpActivation::kRelu:
      return {0, kInfinity, false};
    case OpActivation::kRelu6:
      return {0, 6, false};
    case OpActivation::kHardSwish:
      return {-kInfinity, kInfinity, true};
    default:
      return {-kInfinity, kInfinity, false};
  }
}

at::Tensor ChannelsLast(const at::Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

DepthwiseShape ShapeOf(const at::Tensor& x, int64_t kernel_size, int64_t stride) {
  DepthwiseShape shape;
  shape.images = x.size(0);
  shape.channels = x.size(1);
  shape.height = x.size(2);
  shape.width = x.size(3);
  shape.kernel_size = static_cast<int>(kernel_size);
  shape.stride = static_cast<int>(stride);
  return shape;
}

at::Tensor EmptyLike(const at::Tensor& x, at::IntArrayRef sizes) {
  return at::empty(sizes, x.options().memory_format(at::MemoryFormat::ChannelsLast));
}

// [C, 1, k, k] → [k * k, C].
at::Tensor FiltersOf(const at::Tensor& weight) {
  return weight.reshape({weight.size(0), -1}).t().contiguous();
}

at::Tensor RunDepthwise(const at::Tensor& x, const at::Tensor& filters, const at::Tensor& bias,
                        const DepthwiseShape& shape, const FastActivation* activation) {
  const at::Tensor scratch = at::empty({DepthwiseScratch(shape)}, x.options());
  at::Tensor y =
      EmptyLike(x, {shape.images, shape.channels, shape.out_height(), shape.out_width()});
  DepthwiseForward(shape, x.data_ptr<float>(), filters.data_ptr<float>(),
                   bias.defined() ? bias.data_ptr<float>() : nullptr, activation,
                   scratch.data_ptr<float>(), y.data_ptr<float>());
  return y;
}

class Depthwise : public torch::autograd::Function<Depthwise> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            int64_t stride) {
    const at::Tensor input = ChannelsLast(x);
    const at::Tensor filters = FiltersOf(weight);
    context->save_for_backward({input, filters});
    context->saved_data["stride"] = stride;
    context->saved_data["kernel_size"] = weight.size(2);
    return RunDepthwise(input, filters, {}, ShapeOf(input, weight.size(2), stride), nullptr);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const int64_t k = context->saved_data["kernel_size"].toInt();
    const DepthwiseShape shape = ShapeOf(x, k, context->saved_data["stride"].toInt());
    const at::Tensor gradient = ChannelsLast(gradients[0]);
    const at::Tensor scratch = at::empty({DepthwiseScratch(shape)}, x.options());
    at::Tensor dx = EmptyLike(x, x.sizes());
    at::Tensor dw = at::empty({k * k, shape.channels}, x.options());
    DepthwiseBackward(shape, x.data_ptr<float>(), saved[1].data_ptr<float>(),
                      gradient.data_ptr<float>(), scratch.data_ptr<float>(), dx.data_ptr<float>(),
                      dw.data_ptr<float>());
    return {dx, dw.t().reshape({shape.channels, 1, k, k}), at::Tensor()};
  }
};

// The affine map that batch norm is once its statistics are known.
struct NormAffine {
  at::Tensor scale;
  at::Tensor shift;
  at::Tensor mean;
  at::Tensor inverse_deviation;
};

NormAffine AffineOf(const BatchMoments& moments, const at::Tensor& weight, const at::Tensor& bias,
                    double eps) {
  const at::Tensor inverse = (moments.variance + eps).rsqrt();
  const at::Tensor scale = weight.to(at::kDouble) * inverse;
  const at::Tensor shift = bias.to(at::kDouble) - moments.mean * scale;
  return {scale.to(at::kFloat), shift.to(at::kFloat), moments.mean.to(at::kFloat),
          inverse.to(at::kFloat)};
}

BatchMoments MomentsOf(const at::Tensor& x) {
  const int64_t channels = x.size(1);
  const at::Tensor scratch = at::empty({2 * channels}, x.options());
  BatchMoments moments{at::empty({channels}, at::kDouble), at::empty({channels}, at::kDouble)};
  ColumnMoments(x.data_ptr<float>(), x.numel() / channels, channels, scratch.data_ptr<float>(),
                moments.mean.data_ptr<double>(), moments.variance.data_ptr<double>());
  return moments;
}

void Apply(const at::Tensor& x, const NormAffine& affine, OpActivation activation, at::Tensor& y) {
  ScaleShiftActivate(x.data_ptr<float>(), x.numel() / x.size(1), x.size(1),
                     affine.scale.data_ptr<float>(), affine.shift.data_ptr<float>(),
                     ActivationOf(activation), y.data_ptr<float>());
}

class NormActivate : public torch::autograd::Function<NormActivate> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, double eps, int64_t activation,
                            BatchMoments* moments) {
    const at::Tensor input = ChannelsLast(x);
    *moments = MomentsOf(input);
    const NormAffine affine = AffineOf(*moments, weight, bias, eps);
    context->save_for_backward(
        {input, affine.scale, affine.shift, affine.mean, affine.inverse_deviation});
    context->saved_data["activation"] = activation;
    at::Tensor y = EmptyLike(input, input.sizes());
    Apply(input, affine, static_cast<OpActivation>(activation), y);
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor gradient = ChannelsLast(gradients[0]);
    const int64_t channels = x.size(1);
    const at::Tensor scratch = at::empty({4 * channels}, x.options());
    at::Tensor dx = EmptyLike(x, x.sizes());
    at::Tensor weight_gradient = at::empty({channels}, x.options());
    at::Tensor bias_gradient = at::empty({channels}, x.options());
    NormBackwardArguments arguments;
    arguments.input = x.data_ptr<float>();
    arguments.output_gradient = gradient.data_ptr<float>();
    arguments.rows = x.numel() / channels;
    arguments.channels = channels;
    arguments.scale = saved[1].data_ptr<float>();
    arguments.shift = saved[2].data_ptr<float>();
    arguments.mean = saved[3].data_ptr<float>();
    arguments.inverse_deviation = saved[4].data_ptr<float>();
    arguments.activation =
        ActivationOf(static_cast<OpActivation>(context->saved_data["activation"].toInt()));
    arguments.scratch = scratch.data_ptr<float>();
    arguments.input_gradient = dx.data_ptr<float>();
    arguments.weight_gradient = weight_gradient.data_ptr<float>();
    arguments.bias_gradient = bias_gradient.data_ptr<float>();
    NormActivateBackward(arguments);
    return {dx, weight_gradient, bias_gradient, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool FastKernelsUsable() {
#if defined(__x86_64__)
  static const bool usable = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return usable;
#else
  return true;
#endif
}

bool FastOpsApply(const at::Tensor& x) {
  return FastKernelsUsable() && x.is_cpu() && x.scalar_type() == at::kFloat && x.dim() == 4 &&
         x.size(1) % kLanes == 0 && x.numel() > 0;
}

at::Tensor FastDepthwise(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         int stride, OpActivation activation) {
  if (at::GradMode::is_enabled()) {
    NIWAKI_CHECK(!bias.defined() && activation == OpActivation::kNone);
    return Depthwise::apply(x, weight, int64_t{stride});
  }
  const FastActivation fast = ActivationOf(activation);
  const at::Tensor input = ChannelsLast(x);
  const at::Tensor shift = bias.defined() ? bias.contiguous() : bias;
  return RunDepthwise(input, FiltersOf(weight), shift, ShapeOf(input, weight.size(2), stride),
                      activation == OpActivation::kNone ? nullptr : &fast);
}

at::Tensor FastNormActivate(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            double eps, OpActivation activation, BatchMoments& moments) {
  NIWAKI_CHECK(activation != OpActivation::kHardSigmoid);
  if (at::GradMode::is_enabled()) {
    return NormActivate::apply(x, weight, bias, eps, static_cast<int64_t>(activation), &moments);
  }
  at::Tensor y = ChannelsLast(x);
  moments = MomentsOf(y);
  // `x` is a convolution's fresh output: overwrite it.
  Apply(y, AffineOf(moments, weight, bias, eps), activation, y);
  return y;
}

}  // namespace niwaki::supernet
