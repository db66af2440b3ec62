// Which kernel of libs/kernels an operator calls: the emitted code and the flash model read it
// here. What the file of a kernel needs of others comes with it
// (libs/engine/emit/kernel_sources.h).

#ifndef NIWAKI_LIBS_ENGINE_PLAN_KERNEL_CHOICE_H_
#define NIWAKI_LIBS_ENGINE_PLAN_KERNEL_CHOICE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {

enum class KernelSet : uint8_t {
  // libs/kernels/fast where it has the operator: the same bytes by the DSP extension of Cortex-M4,
  // M7 and M33, in plain C elsewhere.
  kFast,
  // libs/kernels alone: the least flash.
  kPlain,
};

// "fast" or "plain".
absl::string_view KernelSetName(KernelSet set);

enum class Kernel : uint8_t {
  // Of an operator that computes nothing: at the borders, floats stay with the caller.
  kNone,
  kConvolution,
  kDepthwise,
  kDepthwiseInPlace,
  kAdd,
  kMultiply,
  kLookUp,
  kRescale,
  kMaxPool,
  kAveragePool,
  kMean,
  kPad,
  kCopy,
  kRepeat,
  kTranspose,
  kSoftmax,
  // A reshape that does not lie where its input lies.
  kMemcpy,
  // Of libs/kernels/fast.
  kFastPointwise,
  kFastWindow,
  kFastLinear,
  kFastDepthwise,
  kFastAdd,
  kFastMultiply,
  kFastMaxPool,
};
inline constexpr int kNumKernels = 24;

struct KernelFacts {
  Kernel kernel;
  // In C.
  absl::string_view function;
  // The file of libs/kernels that holds it, without ending; empty for none.
  absl::string_view file;
};

// In the order of Kernel.
inline constexpr std::array<KernelFacts, kNumKernels> kKernelFacts = {{
    {Kernel::kNone, "", ""},
    {Kernel::kConvolution, "nw_convolution", "convolution"},
    {Kernel::kDepthwise, "nw_depthwise", "convolution"},
    {Kernel::kDepthwiseInPlace, "nw_depthwise_in_place", "convolution"},
    {Kernel::kAdd, "nw_add", "elementwise"},
    {Kernel::kMultiply, "nw_multiply", "elementwise"},
    {Kernel::kLookUp, "nw_look_up", "elementwise"},
    {Kernel::kRescale, "nw_rescale", "elementwise"},
    {Kernel::kMaxPool, "nw_max_pool", "pooling"},
    {Kernel::kAveragePool, "nw_average_pool", "pooling"},
    {Kernel::kMean, "nw_mean", "pooling"},
    {Kernel::kPad, "nw_pad", "movement"},
    {Kernel::kCopy, "nw_copy", "movement"},
    {Kernel::kRepeat, "nw_repeat", "movement"},
    {Kernel::kTranspose, "nw_transpose", "movement"},
    {Kernel::kSoftmax, "nw_softmax", "softmax"},
    {Kernel::kMemcpy, "memcpy", ""},
    {Kernel::kFastPointwise, "nw_fast_pointwise", "fast/pointwise"},
    {Kernel::kFastWindow, "nw_fast_convolution", "fast/window"},
    {Kernel::kFastLinear, "nw_fast_linear", "fast/linear"},
    {Kernel::kFastDepthwise, "nw_fast_depthwise", "fast/depthwise"},
    {Kernel::kFastAdd, "nw_fast_add", "fast/add"},
    {Kernel::kFastMultiply, "nw_fast_multiply", "fast/multiply"},
    {Kernel::kFastMaxPool, "nw_fast_max_pool", "fast/max_pool"},
}};

constexpr const KernelFacts& FactsOf(Kernel kernel) {
  return kKernelFacts[static_cast<size_t>(kernel)];
}

// The kernel that runs operator `index` under `plan`, which is of `graph`: whether its output takes
// the place of an input, and how much scratch memory is set aside, decide with the operator. An
// activation that is no clamp and belongs to an operator of another kind is a kLookUp behind it
// (HasTable).
Kernel KernelOf(const arch::Graph& graph, const MemoryPlan& plan, int index, KernelSet set);

// Whether `op` applies its activation by a table of 256 levels: every kActivation, and what a space
// writes as hard-swish or hard-sigmoid behind a convolution.
bool HasTable(const arch::Op& op);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_KERNEL_CHOICE_H_
