#include "libs/engine/plan/kernel_files.h"

#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/depthwise.h"
#include "libs/kernels/fast/scale.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;

bool TakesFastDepthwise(const Op& op) {
  const nw_window window = {op.kernel_h, op.kernel_w,    op.stride_h,
                            op.stride_w, op.padding.top, op.padding.left};
  return nw_fast_depthwise_takes(&window) != 0;
}

// Empty where there is none.
absl::string_view FastFileOf(const arch::Graph& graph, const Op& op) {
  switch (op.kind) {
    case OpKind::kConv2d:
      if (op.taps() * graph.shape(op.input).channels > NW_FAST_MAX_TERMS) return "";
      if (op.is_pointwise() && op.stride_h == 1 && op.stride_w == 1) return "fast/pointwise";
      return "fast/window";
    case OpKind::kLinear:
      return graph.shape(op.input).elements() > NW_FAST_MAX_TERMS ? "" : "fast/linear";
    case OpKind::kDepthwiseConv2d:
      return TakesFastDepthwise(op) ? "fast/depthwise" : "";
    case OpKind::kAdd:
      return "fast/add";
    default:
      return "";
  }
}

absl::string_view PlainFileOf(const Op& op) {
  switch (op.kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kLinear:
      return "convolution";
    case OpKind::kAdd:
    case OpKind::kMul:
    case OpKind::kActivation:
    case OpKind::kRescale:
      return "elementwise";
    case OpKind::kMaxPool:
    case OpKind::kAvgPool:
    case OpKind::kGlobalAvgPool:
    case OpKind::kMean:
      return "pooling";
    case OpKind::kPad:
    case OpKind::kConcat:
    case OpKind::kTranspose:
    case OpKind::kUpsample:
      return "movement";
    case OpKind::kSoftmax:
      return "softmax";
    case OpKind::kReshape:
    case OpKind::kQuantize:
    case OpKind::kDequantize:
      return "";
  }
  return "";
}

}  // namespace

absl::string_view KernelSetName(KernelSet set) {
  return set == KernelSet::kFast ? "fast" : "plain";
}

absl::string_view KernelFileOf(const arch::Graph& graph, const Op& op, KernelSet set) {
  if (set == KernelSet::kFast) {
    const absl::string_view fast = FastFileOf(graph, op);
    if (!fast.empty()) return fast;
  }
  return PlainFileOf(op);
}

}  // namespace niwaki::engine
