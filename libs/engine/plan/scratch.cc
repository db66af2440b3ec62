#include "libs/engine/plan/scratch.h"

namespace niwaki::engine {
namespace {

constexpr int64_t kInt16Bytes = 2;

}  // namespace

int64_t ScratchBytes(const arch::Graph& graph, const arch::Op& op) {
  const arch::TensorShape& in = graph.shape(op.input);
  const int64_t kernel = op.kernel_size;
  switch (op.kind) {
    case arch::OpKind::kConv2d: {
      const int64_t columns = kernel == 1 ? kPointwiseColumns : kConvColumns;
      return columns * kernel * kernel * in.channels * kInt16Bytes;
    }
    case arch::OpKind::kDepthwiseConv2d: {
      const int64_t padding = 2 * (kernel / 2);
      return (in.height + padding) * (in.width + padding) * kInt16Bytes;
    }
    case arch::OpKind::kLinear:
      return in.channels * kInt16Bytes;
    case arch::OpKind::kAdd:
    case arch::OpKind::kMul:
    case arch::OpKind::kGlobalAvgPool:
    case arch::OpKind::kMaxPool:
    case arch::OpKind::kAvgPool:
      return 0;
  }
  return 0;
}

}  // namespace niwaki::engine
