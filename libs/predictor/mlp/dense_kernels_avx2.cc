// Compiled for AVX2 and FMA; empty on other processors.

#ifdef __AVX2__

namespace {
constexpr int kLanes = 8;
// 12 sums, 2 weights and 1 input of the 16 registers.
constexpr int kTileRows = 6;
constexpr int kTilePanels = 1;
}  // namespace

#include "libs/predictor/mlp/dense_kernels_loops.h"

namespace niwaki::predictor {

extern const DenseKernels kAvx2DenseKernels;
const DenseKernels kAvx2DenseKernels = {"avx2", SparseRelu, DenseRelu};

}  // namespace niwaki::predictor

#endif
