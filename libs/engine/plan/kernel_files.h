// Which kernel computes an operator: the file of libs/kernels that has it.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_KERNEL_FILES_H_
#define NIWAKI_LIBS_ENGINE_PLAN_KERNEL_FILES_H_

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {

enum class KernelSet {
  // libs/kernels/fast where it has the operator: the same bytes by the DSP extension of Cortex-M4,
  // M7 and M33, in plain C elsewhere.
  kFast,
  // libs/kernels alone: the least flash.
  kPlain,
};

// "fast" or "plain".
absl::string_view KernelSetName(KernelSet set);

// "convolution", "fast/pointwise": what is called of libs/kernels for `op`; empty where nothing is
// (a reshape, the float borders). What such a file needs of others comes with it
// (libs/engine/emit/kernel_sources.h).
absl::string_view KernelFileOf(const arch::Graph& graph, const arch::Op& op, KernelSet set);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_KERNEL_FILES_H_
