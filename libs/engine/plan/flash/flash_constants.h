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
inline constexpr int64_t kBaseFlashBytes = 418;

// What kernels of libs/kernels/fast share, once (KernelCalls::shares_chunks, shares_scales).
inline constexpr int64_t kChunkFlashBytes = 6732;
inline constexpr int64_t kScaleFlashBytes = 337;

// What runs segments row by row, each of them, and each operator in one.
inline constexpr KernelFlash kStreamFlash = {325, 31};
inline constexpr int64_t kStreamedFlashBytes = 38;

// In the order of Kernel.
inline constexpr std::array<KernelFlash, kNumKernels> kKernelFlash = {{
    // none
    {0, 0},
    // nw_convolution
    {674, 156},
    // nw_depthwise
    {544, 158},
    // nw_depthwise_in_place
    {630, 150},
    // nw_add
    {748, 136},
    // nw_multiply
    {478, 117},
    // nw_look_up
    {116, 66},
    // nw_rescale
    {314, 83},
    // nw_max_pool
    {391, 120},
    // nw_average_pool
    {497, 118},
    // nw_mean
    {384, 30},
    // nw_pad
    {184, 94},
    // nw_copy
    {141, 68},
    // nw_repeat
    {128, 85},
    // nw_transpose
    {168, 72},
    // nw_softmax
    {1436, 79},
    // memcpy
    {0, 10},
    // nw_fast_pointwise
    {886, 129},
    // nw_fast_convolution
    {1736, 165},
    // nw_fast_linear
    {1252, 87},
    // nw_fast_depthwise
    {8625, 167},
    // nw_fast_add
    {1392, 134},
    // nw_fast_multiply
    {1296, 121},
    // nw_fast_max_pool
    {721, 118},
}};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_FLASH_FLASH_CONSTANTS_H_
