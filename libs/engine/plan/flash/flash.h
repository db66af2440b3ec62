// Flash memory of a network: its int8 weights, the tables beside them, and the code that runs it.
//
// What a total stands for is text, read-only data and initialised data of the network and its
// kernels as PREFIX_invoke brings them into a program: built from the exported folder with the
// export's own flags (-O2), unused functions left out by the linker, the C library's memcpy
// included; no test vector, no start-up code, no driver. Constants are counted, code is modelled by
// the constants of flash_constants.h, which are fitted on such programs.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_FLASH_FLASH_H_
#define NIWAKI_LIBS_ENGINE_PLAN_FLASH_FLASH_H_

#include <cstdint>

#include "libs/arch/graph.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {

struct FlashBytes {
  // int8 weights: one byte each.
  int64_t weights = 0;
  // Per output channel of each operator with weights: int32 bias (batch norm folded in), int32
  // multiplier and int8 shift of its requantisation.
  int64_t channel_tables = 0;
  // 256-entry tables of int8 activations that are not clamps.
  int64_t activation_tables = 0;
  // Tensors that operators read and nobody writes.
  int64_t operands = 0;
  // Kernels, the calls of them, and what a call takes in constants besides.
  int64_t code = 0;

  // What lies in flash whatever the code: exact but for alignment.
  int64_t constants() const { return weights + channel_tables + activation_tables + operands; }
  int64_t total() const { return constants() + code; }
};

// How a network uses the kernels.
struct KernelCalls {
  // By Kernel, how often the emitted code calls each.
  int32_t calls[kNumKernels] = {};
  // Segments that run row by row, and the operators in them.
  int32_t streams = 0;
  int32_t streamed = 0;

  // Kernels that share the loops of libs/kernels/fast/chunk and fast/scale.
  bool shares_chunks() const;
  bool shares_scales() const;
};

// `plan` is of `graph`. No allocation.
KernelCalls CallsOf(const arch::Graph& graph, const NetworkPlan& plan,
                    KernelSet kernels = KernelSet::kFast);

// As PlanFlash, but no code: what lies in flash whatever the kernels and the schedule. `plan` is of
// `graph`.
FlashBytes ConstantFlash(const arch::Graph& graph, const MemoryPlan& plan);

// As above. Against what is linked for a Cortex-M4, M7 or M33: within 1 % or 1 KiB, whichever is
// more.
FlashBytes PlanFlash(const arch::Graph& graph, const NetworkPlan& plan,
                     KernelSet kernels = KernelSet::kFast);

// The same, of a graph whose ConstantFlash is known: plans of one graph have the same.
FlashBytes PlanFlash(const arch::Graph& graph, const NetworkPlan& plan, const FlashBytes& constants,
                     KernelSet kernels = KernelSet::kFast);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_FLASH_FLASH_H_
