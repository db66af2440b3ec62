#include "libs/engine/plan/scratch.h"

#include <algorithm>

#include "libs/arch/operator_facts.h"
#include "libs/kernels/convolution.h"

namespace niwaki::engine {

namespace {

// Below that, convolutions have the least scratch memory.
constexpr int64_t kFewPixels = 8;

// Of a convolution whose calls compute at most `rows` rows.
int64_t PatchBytes(const arch::Graph& graph, const arch::Op& op, int rows) {
  const int64_t channels = graph.shape(op.input).channels;
  const arch::TensorShape& out = graph.shape(op.output);
  if (std::min<int64_t>(rows, out.height) * out.width < kFewPixels) {
    return NW_LEAST_CONVOLUTION_SCRATCH(op.kernel_h, op.kernel_w, channels);
  }
  return NW_CONVOLUTION_SCRATCH(op.kernel_h, op.kernel_w, channels);
}

}  // namespace

int64_t ScratchBytes(const arch::Graph& graph, const arch::Op& op) {
  const arch::TensorShape& in = graph.shape(op.input);
  switch (arch::FactsOf(op.kind).scratch) {
    case arch::ScratchForm::kNone:
      return 0;
    case arch::ScratchForm::kPatches:
      return PatchBytes(graph, op, graph.shape(op.output).height);
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

int64_t ScratchBytesOfRows(const arch::Graph& graph, const arch::Op& op, int rows) {
  const arch::ScratchForm form = arch::FactsOf(op.kind).scratch;
  if (form == arch::ScratchForm::kPatches) return PatchBytes(graph, op, rows);
  if (form != arch::ScratchForm::kPaddedPlane) return ScratchBytes(graph, op);
  const int64_t width = graph.shape(op.input).width + op.padding.width();
  return NW_DEPTHWISE_ROWS_SCRATCH(width);
}

}  // namespace niwaki::engine
