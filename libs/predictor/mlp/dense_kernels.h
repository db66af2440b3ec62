// The inner loops of a predictor's network: sums of weight rows for sparse one-hot input, and dense
// layers. float32, no allocation, thread-safe.
//
// Weights are packed in panels of kPanel outputs: [panel][input][kPanel], zero beyond the last
// output. Activations are rows of panels * kPanel floats.
//
// Every output is one chain of additions in the order of its inputs, from the bias on, so that the
// vector width does not change a bit: AVX2 and AVX-512 (both with fused multiply-add) agree; the
// portable version rounds each product where the machine has no fused multiply-add.

#ifndef NIWAKI_LIBS_PREDICTOR_MLP_DENSE_KERNELS_H_
#define NIWAKI_LIBS_PREDICTOR_MLP_DENSE_KERNELS_H_

#include <cstdint>

namespace niwaki::predictor {

inline constexpr int kPanel = 16;

struct PackedLayer {
  const float* weights = nullptr;
  // panels * kPanel floats.
  const float* bias = nullptr;
  int64_t inputs = 0;
  int64_t panels = 0;
};

struct DenseKernels {
  const char* name;
  // outputs = relu(bias + sum of the weights of a row's ones); `ends` as in SparseRows.
  void (*sparse_relu)(const PackedLayer& layer, const int32_t* columns, const int32_t* ends,
                      int64_t rows, float* outputs);
  // outputs = relu(bias + inputs · weights); rows of `inputs` are `input_stride` floats apart.
  void (*dense_relu)(const PackedLayer& layer, const float* inputs, int64_t input_stride,
                     int64_t rows, float* outputs);
};

// The widest that this machine can run.
const DenseKernels& BestDenseKernels();
// All that this machine can run, the portable one first; null ends the list.
const DenseKernels* const* UsableDenseKernels();

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_MLP_DENSE_KERNELS_H_
