// The inner loops of evaluation, fused so that the widest activations of a block never leave the
// cache: matrix product with bias, activation and residual; expansion straight into the padded
// planes of the depthwise convolution. float32, channels last, no LibTorch, no allocation.
//
// Compiled once for each instruction set. Every output is one chain of fused multiply-adds in the
// same order under each of them, whatever the number of rows: a result depends neither on the
// processor nor on the batch.

#ifndef NIWAKI_LIBS_SUPERNET_FUSED_EVAL_KERNELS_H_
#define NIWAKI_LIBS_SUPERNET_FUSED_EVAL_KERNELS_H_

#include <cstdint>

namespace niwaki::supernet {

// kClamp: between `low` and `high`, which may be infinite. Not-a-numbers stay what they are.
enum class EvalFunction { kClamp, kHardSwish, kHardSigmoid };
struct EvalActivation {
  EvalFunction function = EvalFunction::kClamp;
  float low = 0;
  float high = 0;
};

// c [rows, columns] = activation(a [rows, segments * depth] * weight + bias) (+ residual [rows,
// columns]). `packed` comes from `pack_matrix`; rows lie `*_stride` floats apart. A row of `a` may
// be in `segments` pieces of `depth` values, `segment_stride` apart: as the rows of a patch lie in
// an image.
struct MatrixProduct {
  const float* a = nullptr;
  int64_t a_stride = 0;
  int64_t rows = 0;
  int64_t segments = 1;
  int64_t segment_stride = 0;
  int64_t depth = 0;
  const float* packed = nullptr;
  int64_t columns = 0;
  EvalActivation activation;
  // Null for none; has the layout of `c`.
  const float* residual = nullptr;
  float* c = nullptr;
  int64_t c_stride = 0;
};

// Depthwise convolution with padding k / 2 of [images, height, width, channels], stride 1 or 2,
// with its activation. With `expand` its input is first made by a 1x1 convolution from `input`
// [images, height, width, depth], else `input` has `channels` channels.
struct ExpandDepthwise {
  const float* input = nullptr;
  int64_t images = 0;
  int64_t height = 0;
  int64_t width = 0;
  // Channels of `input`.
  int64_t depth = 0;
  // From `pack_matrix`; null for none.
  const float* expand = nullptr;
  EvalActivation expand_activation;
  int64_t channels = 0;
  int kernel_size = 3;
  int stride = 1;
  // From `pack_filters`.
  const float* filters = nullptr;
  EvalActivation activation;
  // `plane_size` floats.
  float* plane = nullptr;
  // [images, out_height, out_width, channels].
  float* output = nullptr;

  int64_t out_height() const { return (height - 1) / stride + 1; }
  int64_t out_width() const { return (width - 1) / stride + 1; }
};

// Copies an image [height, width, channels] into the middle of zeros [height + 2 * margin, width +
// 2
// * margin, channels].
struct PaddedImage {
  const float* image = nullptr;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t margin = 0;
  float* padded = nullptr;
};

// The kernels of one instruction set. Packed arrays are only for the set that packed them.
struct EvalKernels {
  const char* name;
  // Floats that `pack_matrix` and `pack_filters` write.
  int64_t (*packed_size)(int64_t depth, int64_t columns);
  // weight [columns, depth] with bias [columns].
  void (*pack_matrix)(const float* weight, const float* bias, int64_t depth, int64_t columns,
                      float* packed);
  // filters [channels, taps] with bias [channels]; the packed size is that of depth `taps`.
  void (*pack_filters)(const float* filters, const float* bias, int64_t taps, int64_t channels,
                       float* packed);
  void (*multiply)(const MatrixProduct& product);
  void (*pad_image)(const PaddedImage& image);
  int64_t (*plane_size)(const ExpandDepthwise& shape);
  void (*expand_depthwise)(const ExpandDepthwise& task);
  // Means of [rows, columns] over the rows.
  void (*column_means)(const float* values, int64_t rows, int64_t columns, float* means);
  // values [rows, columns] *= factors [columns].
  void (*scale_columns)(const float* factors, int64_t rows, int64_t columns, float* values);
};

// Call the kernels only where the processor has the instruction set.
const EvalKernels* Avx2Kernels();
const EvalKernels* Avx512Kernels();

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_FUSED_EVAL_KERNELS_H_
