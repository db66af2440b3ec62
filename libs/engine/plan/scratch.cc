#include "libs/engine/plan/scratch.h"

#include <algorithm>

#include "libs/arch/operator_facts.h"
#include "libs/kernels/convolution.h"

namespace niwaki::engine {

int64_t ScratchBytes(const arch::Graph& graph, const arch::Op& op) {
  const arch::TensorShape& in = graph.shape(op.input);
  switch (arch::FactsOf(op.kind).scratch) {
    case arch::ScratchForm::kNone:
      return 0;
    case arch::ScratchForm::kPatches: {
      const int64_t channels = in.channels;
      return op.is_pointwise() ? NW_POINTWISE_SCRATCH(channels)
                               : NW_CONVOLUTION_SCRATCH(op.kernel_h, op.kernel_w, channels);
    }
    case arch::ScratchForm::kPaddedPlane: {
      const int64_t height = in.height + op.padding.height();
      const int64_t width = in.width + op.padding.width();
      return std::max(NW_DEPTHWISE_SCRATCH(height, width), NW_DEPTHWISE_ROWS_SCRATCH(width));
    }
    case arch::ScratchForm::kInput:
      return NW_LINEAR_SCRATCH(in.elements());
  }
  return 0;
}

int64_t ScratchBytesOfRows(const arch::Graph& graph, const arch::Op& op, int /*rows*/) {
  if (arch::FactsOf(op.kind).scratch != arch::ScratchForm::kPaddedPlane) {
    return ScratchBytes(graph, op);
  }
  const int64_t width = graph.shape(op.input).width + op.padding.width();
  return NW_DEPTHWISE_ROWS_SCRATCH(width);
}

}  // namespace niwaki::engine
