// Compiled for AVX-512F; empty on other processors.

#ifdef __AVX512F__

namespace {
constexpr int kLanes = 16;
// 24 sums, 2 weights and 1 input of the 32 registers.
constexpr int kTileRows = 12;
constexpr int kTilePanels = 2;
}  // namespace

#include "libs/predictor/mlp/dense_kernels_loops.h"

namespace niwaki::predictor {

extern const DenseKernels kAvx512DenseKernels;
const DenseKernels kAvx512DenseKernels = {"avx512", SparseRelu, DenseRelu};

}  // namespace niwaki::predictor

#endif
