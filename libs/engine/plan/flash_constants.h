// What code takes in flash: fitted constants of the flash model (flash.h).
//
// Made by `bazel run //tests/flash:fit_flash`, which exports, builds and links networks for a
// Cortex-M4 and prints the rows below; needed again when kernels or emitted code change, which
// //tests/flash:flash_model_test notices.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_FLASH_CONSTANTS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_FLASH_CONSTANTS_H_

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
inline constexpr int64_t kBaseFlashBytes = 418;

// What kernels of libs/kernels/fast share, once (KernelCalls::shares_chunks, shares_scales).
inline constexpr int64_t kChunkFlashBytes = 900;
inline constexpr int64_t kScaleFlashBytes = 200;

// What runs segments row by row, each of them, and each operator in one.
inline constexpr KernelFlash kStreamFlash = {500, 60};
inline constexpr int64_t kStreamedFlashBytes = 24;

// In the order of Kernel.
inline constexpr std::array<KernelFlash, kNumKernels> kKernelFlash = {{
    // none
    {0, 0},
    // nw_convolution
    {600, 149},
    // nw_depthwise
    {501, 152},
    // nw_depthwise_in_place
    {597, 142},
    // nw_add
    {698, 127},
    // nw_multiply
    {435, 108},
    // nw_look_up
    {79, 60},
    // nw_rescale
    {259, 77},
    // nw_max_pool
    {297, 115},
    // nw_average_pool
    {403, 111},
    // nw_mean
    {401, 34},
    // nw_pad
    {145, 89},
    // nw_copy
    {102, 60},
    // nw_repeat
    {102, 74},
    // nw_transpose
    {126, 62},
    // nw_softmax
    {1392, 73},
    // memcpy
    {0, 10},
    // nw_fast_pointwise
    {900, 140},
    // nw_fast_convolution
    {700, 150},
    // nw_fast_linear
    {600, 130},
    // nw_fast_depthwise
    {2500, 150},
    // nw_fast_add
    {700, 130},
}};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_FLASH_CONSTANTS_H_
