#include "libs/engine/plan/kernel_choice.h"

namespace niwaki::engine {

using arch::OpActivation;
using arch::OpKind;

Kernel KernelOf(const arch::Op& op, bool overwrites) {
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

bool HasTable(const arch::Op& op) {
  return op.kind == OpKind::kActivation || op.activation == OpActivation::kHardSwish ||
         op.activation == OpActivation::kHardSigmoid || op.activation == OpActivation::kLogistic;
}

}  // namespace niwaki::engine
