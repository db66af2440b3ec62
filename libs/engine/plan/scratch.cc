#include "libs/engine/plan/scratch.h"

#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

constexpr int64_t kInt16Bytes = 2;

}  // namespace

int64_t ScratchBytes(const arch::Graph& graph, const arch::Op& op) {
  const arch::TensorShape& in = graph.shape(op.input);
  switch (arch::FactsOf(op.kind).scratch) {
    case arch::ScratchForm::kNone:
      return 0;
    case arch::ScratchForm::kPatches: {
      const int64_t columns = op.is_pointwise() ? kPointwiseColumns : kConvColumns;
      return columns * op.taps() * in.channels * kInt16Bytes;
    }
    case arch::ScratchForm::kPaddedPlane: {
      const int64_t height = in.height + op.padding.height();
      return height * (in.width + op.padding.width()) * kInt16Bytes;
    }
    case arch::ScratchForm::kInput:
      return in.channels * kInt16Bytes;
  }
  return 0;
}

}  // namespace niwaki::engine
