// What code takes in flash: fitted constants of the flash model (flash.h).
//
// Made by `deploy/bazel.sh run //tests/flash:fit_flash`, which exports, builds and links networks
// for a Cortex-M4 and prints the rows below; needed again when kernels or emitted code change,
// which //tests/flash:flash_model_test notices.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_FLASH_FLASH_CONSTANTS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_FLASH_FLASH_CONSTANTS_H_

#include <array>
#include <cstdint>

#include "libs/engine/plan/kernel_choice.h"

namespace niwaki::engine {

struct KernelFlash {
  // Of the kernel, once where it is used at all.
  int64_t kernel_bytes;
  // Of each call: its code and its constants besides weights and tables.
  int64_t call_bytes;
};

// PREFIX_invoke without calls, and memcpy.
inline constexpr int64_t kBaseFlashBytes = 396;

// What kernels of libs/kernels/fast share, once (KernelCalls::shares_chunks, shares_scales).
inline constexpr int64_t kChunkFlashBytes = 6712;
inline constexpr int64_t kScaleFlashBytes = 340;

// What runs segments row by row, each of them, and each operator in one.
inline constexpr KernelFlash kStreamFlash = {378, 89};
inline constexpr int64_t kStreamedFlashBytes = 45;

// In the order of Kernel.
inline constexpr std::array<KernelFlash, kNumKernels> kKernelFlash = {{
    // none
    {0, 0},
    // nw_convolution
    {667, 153},
    // nw_depthwise
    {555, 161},
    // nw_depthwise_in_place
    {790, 180},
    // nw_add
    {669, 139},
    // nw_multiply
    {492, 121},
    // nw_look_up
    {156, 64},
    // nw_rescale
    {311, 80},
    // nw_max_pool
    {396, 118},
    // nw_average_pool
    {525, 117},
    // nw_mean
    {334, 32},
    // nw_pad
    {215, 90},
    // nw_copy
    {155, 74},
    // nw_repeat
    {174, 80},
    // nw_transpose
    {201, 70},
    // nw_softmax
    {1128, 76},
    // memcpy
    {0, 13},
    // nw_fast_pointwise
    {931, 132},
    // nw_fast_convolution
    {1766, 158},
    // nw_fast_linear
    {1207, 88},
    // nw_fast_depthwise
    {8844, 177},
    // nw_fast_add
    {1316, 138},
    // nw_fast_multiply
    {1405, 121},
    // nw_fast_max_pool
    {729, 118},
}};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_FLASH_FLASH_CONSTANTS_H_
