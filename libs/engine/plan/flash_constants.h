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
inline constexpr int64_t kBaseFlashBytes = 450;

// In the order of Kernel.
inline constexpr std::array<KernelFlash, kNumKernels> kKernelFlash = {{
    // none
    {0, 0},
    // nw_convolution
    {664, 120},
    // nw_depthwise
    {396, 130},
    // nw_depthwise_in_place
    {476, 157},
    // nw_add
    {736, 210},
    // nw_multiply
    {468, 190},
    // nw_look_up
    {126, 90},
    // nw_rescale
    {312, 110},
    // nw_max_pool
    {340, 120},
    // nw_average_pool
    {436, 120},
    // nw_mean
    {344, 40},
    // nw_pad
    {202, 90},
    // nw_copy
    {124, 90},
    // nw_repeat
    {154, 80},
    // nw_transpose
    {170, 90},
    // nw_softmax
    {1444, 90},
    // memcpy
    {0, 16},
}};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_FLASH_CONSTANTS_H_
