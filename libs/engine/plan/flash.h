// Flash memory of a network: its int8 weights, the tables beside them, and the code that runs it.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_FLASH_H_
#define NIWAKI_LIBS_ENGINE_PLAN_FLASH_H_

#include <cstdint>

#include "libs/arch/graph.h"

namespace niwaki::engine {

struct FlashBytes {
  // int8 weights: one byte each.
  int64_t weights = 0;
  // Per output channel of each operator with weights: int32 bias (batch norm folded in), int32
  // multiplier and int8 shift of its requantisation.
  int64_t channel_tables = 0;
  // 256-entry tables of int8 activations that are not clamps: one for each hard-swish or
  // hard-sigmoid operator.
  int64_t activation_tables = 0;
  // Start-up, driver and the distinct kernels.
  int64_t code = 0;

  int64_t total() const { return weights + channel_tables + activation_tables + code; }
};

// Code is modelled, not measured: a fixed runtime and one specialised kernel for each distinct
// (operator, height and width of kernel and stride, activation that is not a clamp); padding is an
// argument of a kernel. Fitted to the flash of
// TinyEngine's five MCUNet binaries on an STM32H743 (tinyengine README, commit 47bb283), whose
// remainder after weights and tables is 53 to 58 kB at 9 to 11 kernels.
inline constexpr int64_t kRuntimeCodeBytes = 25 * 1024;
inline constexpr int64_t kKernelCodeBytes = 3 * 1024;

FlashBytes PlanFlash(const arch::Graph& graph);

// Distinct kernels as counted above.
int CountKernels(const arch::Graph& graph);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_FLASH_H_
