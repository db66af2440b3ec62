#include "libs/engine/plan/kernel_choice.h"

#include "libs/engine/plan/scratch.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/depthwise.h"
#include "libs/kernels/fast/scale.h"

namespace niwaki::engine {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;

namespace {

bool TakesFastDepthwise(const Op& op) {
  const nw_window window = {op.kernel_h, op.kernel_w,    op.stride_h,
                            op.stride_w, op.padding.top, op.padding.left};
  return nw_fast_depthwise_takes(&window) != 0;
}

// kNone where there is none.
Kernel FastKernelOf(const arch::Graph& graph, const Op& op) {
  switch (op.kind) {
    case OpKind::kConv2d:
      if (op.taps() * graph.shape(op.input).channels > NW_FAST_MAX_TERMS) return Kernel::kNone;
      if (op.is_pointwise() && op.stride_h == 1 && op.stride_w == 1) return Kernel::kFastPointwise;
      return Kernel::kFastWindow;
    case OpKind::kLinear:
      if (graph.shape(op.input).elements() > NW_FAST_MAX_TERMS) return Kernel::kNone;
      return Kernel::kFastLinear;
    case OpKind::kDepthwiseConv2d:
      return TakesFastDepthwise(op) ? Kernel::kFastDepthwise : Kernel::kNone;
    case OpKind::kAdd:
      return Kernel::kFastAdd;
    case OpKind::kMul:
      return Kernel::kFastMultiply;
    case OpKind::kMaxPool:
      return Kernel::kFastMaxPool;
    default:
      return Kernel::kNone;
  }
}

Kernel PlainKernelOf(const Op& op, bool overwrites) {
  switch (op.kind) {
    case OpKind::kConv2d:
    case OpKind::kLinear:
      return Kernel::kConvolution;
    case OpKind::kDepthwiseConv2d:
      return overwrites ? Kernel::kDepthwiseInPlace : Kernel::kDepthwise;
    case OpKind::kAdd:
      return Kernel::kAdd;
    case OpKind::kMul:
      return Kernel::kMultiply;
    case OpKind::kMaxPool:
      return Kernel::kMaxPool;
    case OpKind::kAvgPool:
    case OpKind::kGlobalAvgPool:
      return Kernel::kAveragePool;
    case OpKind::kPad:
      return Kernel::kPad;
    case OpKind::kConcat:
      return Kernel::kCopy;
    case OpKind::kReshape:
      return overwrites ? Kernel::kNone : Kernel::kMemcpy;
    case OpKind::kTranspose:
      return Kernel::kTranspose;
    case OpKind::kSoftmax:
      return Kernel::kSoftmax;
    case OpKind::kMean:
      return Kernel::kMean;
    case OpKind::kUpsample:
      return Kernel::kRepeat;
    case OpKind::kActivation:
      return Kernel::kLookUp;
    case OpKind::kRescale:
      return Kernel::kRescale;
    case OpKind::kQuantize:
    case OpKind::kDequantize:
      return Kernel::kNone;
  }
  return Kernel::kNone;
}

}  // namespace

absl::string_view KernelSetName(KernelSet set) {
  return set == KernelSet::kFast ? "fast" : "plain";
}

Kernel KernelOf(const arch::Graph& graph, const MemoryPlan& plan, int index, KernelSet set) {
  const Op& op = graph.ops[index];
  if (set == KernelSet::kFast &&
      plan.scratch[index].size_bytes >= ScratchBytesOfRows(graph, op, 1)) {
    const Kernel fast = FastKernelOf(graph, op);
    if (fast != Kernel::kNone) return fast;
  }
  return PlainKernelOf(op, plan.overwrites[index] >= 0);
}

bool HasTable(const arch::Op& op) {
  return op.kind == OpKind::kActivation || op.activation == OpActivation::kHardSwish ||
         op.activation == OpActivation::kHardSigmoid || op.activation == OpActivation::kLogistic;
}

}  // namespace niwaki::engine
