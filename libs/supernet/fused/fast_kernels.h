// The inner loops of training and scoring that LibTorch's CPU kernels are slow at: depthwise
// convolutions (their weight gradient above all) and batch norm with its activation. float32,
// channels last, no LibTorch, no allocation.
//
// Compiled for AVX2 on x86-64: call only where FastKernelsUsable (fused_ops.h). Every result is a
// fixed sequence of operations of the arguments: no threads, no dependence on addresses.

#ifndef NIWAKI_LIBS_SUPERNET_FUSED_FAST_KERNELS_H_
#define NIWAKI_LIBS_SUPERNET_FUSED_FAST_KERNELS_H_

#include <cstdint>

namespace niwaki::supernet {

// Channels in one vector of the kernels; channel counts are multiples of it.
inline constexpr int kLanes = 8;

// What follows an affine map, as a clamp: `low` and `high` may be infinite; hard swish is z *
// clamp(z + 3, 0, 6) / 6.
struct FastActivation {
  float low = 0;
  float high = 0;
  bool hard_swish = false;
};

// A depthwise convolution with padding k / 2: [N, H, W, C] → [N, Ho, Wo, C], filters [k * k, C],
// stride 1 or 2.
struct DepthwiseShape {
  int64_t images = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int kernel_size = 3;
  int stride = 1;

  int64_t out_height() const { return (height - 1) / stride + 1; }
  int64_t out_width() const { return (width - 1) / stride + 1; }
};

// Floats of scratch memory that the functions below need for one image.
int64_t DepthwiseScratch(const DepthwiseShape& shape);

// output = activation(conv(input) + bias); `bias` [C] and `activation` may be null.
void DepthwiseForward(const DepthwiseShape& shape, const float* input, const float* filters,
                      const float* bias, const FastActivation* activation, float* scratch,
                      float* output);

// Gradients of the input [N, H, W, C] and of the filters [k * k, C] from that of the output [N, Ho,
// Wo, C].
void DepthwiseBackward(const DepthwiseShape& shape, const float* input, const float* filters,
                       const float* output_gradient, float* scratch, float* input_gradient,
                       float* filter_gradient);

// Mean and biased variance of each column of [rows, channels], by blocks of rows whose moments are
// merged in double precision (Chan, Golub, LeVeque 1979). `scratch`: 2 * channels floats.
void ColumnMoments(const float* input, int64_t rows, int64_t channels, float* scratch, double* mean,
                   double* variance);

// output = activation(input * scale + shift), scale and shift [channels]. `output` may be `input`.
void ScaleShiftActivate(const float* input, int64_t rows, int64_t channels, const float* scale,
                        const float* shift, const FastActivation& activation, float* output);

// Gradients through activation(batch norm). `scale`, `shift` as in the forward pass, normalised
// value = (input - mean) * inverse_deviation. Adds nothing: writes input_gradient [rows, channels],
// and gradients of the norm's weight and bias [channels].
struct NormBackwardArguments {
  const float* input = nullptr;
  const float* output_gradient = nullptr;
  int64_t rows = 0;
  int64_t channels = 0;
  const float* scale = nullptr;
  const float* shift = nullptr;
  const float* mean = nullptr;
  const float* inverse_deviation = nullptr;
  FastActivation activation;
  float* scratch = nullptr;  // 4 * channels floats
  float* input_gradient = nullptr;
  float* weight_gradient = nullptr;
  float* bias_gradient = nullptr;
};
void NormActivateBackward(const NormBackwardArguments& arguments);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_FUSED_FAST_KERNELS_H_
