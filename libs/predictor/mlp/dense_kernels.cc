#include "libs/predictor/mlp/dense_kernels.h"

namespace {
// What every x86-64 and every 64-bit Arm has.
constexpr int kLanes = 4;
constexpr int kTileRows = 2;
constexpr int kTilePanels = 1;
}  // namespace

#include "libs/predictor/mlp/dense_kernels_loops.h"

namespace niwaki::predictor {

#if defined(__x86_64__)
extern const DenseKernels kAvx2DenseKernels;
extern const DenseKernels kAvx512DenseKernels;
#endif

namespace {

constexpr DenseKernels kPortable = {"portable", SparseRelu, DenseRelu};

struct Usable {
  Usable() {
    int count = 0;
    list[count++] = &kPortable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      list[count++] = &kAvx2DenseKernels;
    }
    if (__builtin_cpu_supports("avx512f")) list[count++] = &kAvx512DenseKernels;
#endif
    best = list[count - 1];
  }

  const DenseKernels* list[4] = {};
  const DenseKernels* best = nullptr;
};

const Usable& UsableHere() {
  static const Usable usable;
  return usable;
}

}  // namespace

const DenseKernels& BestDenseKernels() { return *UsableHere().best; }

const DenseKernels* const* UsableDenseKernels() { return UsableHere().list; }

}  // namespace niwaki::predictor
