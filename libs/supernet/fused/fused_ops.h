// Operators of the forward pass that have kernels of their own (fast_kernels.h), with gradients.
//
// Each of them is used where FastOpsApply says so: float32, channels last, on the CPU, channels a
// multiple of 8, a processor with AVX2. Elsewhere the forward pass takes LibTorch's operators,
// which compute the same up to rounding.

#ifndef NIWAKI_LIBS_SUPERNET_FUSED_FUSED_OPS_H_
#define NIWAKI_LIBS_SUPERNET_FUSED_FUSED_OPS_H_

#include <ATen/core/Tensor.h>

#include "libs/arch/graph.h"

namespace niwaki::supernet {

// Whether this processor runs the kernels.
bool FastKernelsUsable();

// Whether the operators below take `x` [N, C, H, W].
bool FastOpsApply(const at::Tensor& x);

// Depthwise convolution with padding k / 2 of x [N, C, H, W] by weight [C, 1, k, k], k in {3, 5,
// 7}; `bias` may be undefined. With gradients enabled there must be neither bias nor activation.
at::Tensor FastDepthwise(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         int stride, arch::OpActivation activation);

// A batch's own mean and biased variance over N, H and W, each [C] float64.
struct BatchMoments {
  at::Tensor mean;
  at::Tensor variance;
};

// activation(batch norm of x by its own statistics), which go to `moments`. Differentiable in x,
// weight and bias. `activation` is not kHardSigmoid.
at::Tensor FastNormActivate(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                            double eps, arch::OpActivation activation, BatchMoments& moments);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_FUSED_FUSED_OPS_H_
