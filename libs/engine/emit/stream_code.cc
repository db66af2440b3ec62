#include "libs/engine/emit/stream_code.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/log.h"

namespace niwaki::engine {
namespace {

using arch::Graph;
using arch::Op;
using arch::TensorId;

// Rows of the operands that row y of `op` needs: those before y * stride + reach.
struct Need {
  int stride = 1;
  int reach = 1;
};

Need NeedOf(const Op& op) {
  switch (arch::FactsOf(op.kind).rows) {
    case arch::RowNeed::kWindow:
      return {op.stride_h, op.kernel_h - op.padding.top};
    case arch::RowNeed::kPadded:
      return {1, 1 - op.padding.top};
    default:
      return {};
  }
}

bool IsReadFrom(const Graph& graph, TensorId tensor, int first_op) {
  if (tensor == graph.output) return true;
  for (size_t i = first_op; i < graph.ops.size(); ++i) {
    const auto inputs = arch::InputsOf(graph, graph.ops[i]);
    if (std::find(inputs.begin(), inputs.end(), tensor) != inputs.end()) return true;
  }
  return false;
}

std::string StageText(const Graph& graph, const Segment& segment, bool image_by_rows, int index) {
  const Op& op = graph.ops[index];
  const auto inputs = arch::InputsOf(graph, op);
  NIWAKI_CHECK(inputs.size() <= 2);
  int before[2] = {-1, -1};
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (image_by_rows && inputs[i] == graph.input) before[i] = 0;
    for (int earlier = segment.first_op; earlier < index; ++earlier) {
      if (graph.ops[earlier].output != inputs[i]) continue;
      before[i] = earlier - segment.first_op + (image_by_rows ? 1 : 0);
    }
  }
  const Need need = NeedOf(op);
  const bool finish = index < segment.end_op - 1 && IsReadFrom(graph, op.output, segment.end_op);
  return absl::StrCat("      {run_", index, ", ", graph.shape(op.output).height, ", ",
                      segment.rows_at_a_time, ", ", need.stride, ", ", need.reach, ", {", before[0],
                      ", ", before[1], "}, ", index, ", ", finish ? 1 : 0, "},\n");
}

}  // namespace

std::string NameOfStream(const Segment& segment) {
  return absl::StrCat("stream_", segment.first_op);
}

bool TakesImageByRows(const Graph& graph, const MemoryPlan& plan) {
  return plan.tensors[graph.input].ring_rows > 0;
}

std::string CodeOfStream(const Graph& graph, const Segment& segment, bool image_by_rows) {
  NIWAKI_CHECK(segment.mode == RunMode::kRows);
  const bool image = image_by_rows && segment.first_op == 0;
  const int stages = segment.end_op - segment.first_op + (image ? 1 : 0);
  std::string text =
      absl::StrCat("// Operators ", segment.first_op, " to ", segment.end_op - 1,
                   ", rows when a later one asks for them.\nstatic void ", NameOfStream(segment),
                   "(int8_t* arena, const nw_image_rows* image, nw_hook hook) {\n",
                   "  // Operator, rows, those of a call, stride and reach, where its operands "
                   "come from, number, to be "
                   "finished.\n  static const nw_stage stages[",
                   stages, "] = {\n");
  if (image) {
    absl::StrAppend(&text, "      {0, ", graph.shape(graph.input).height, ", ",
                    segment.rows_at_a_time, ", 1, 1, {-1, -1}, -1, 0},\n");
  }
  for (int i = segment.first_op; i < segment.end_op; ++i) {
    absl::StrAppend(&text, StageText(graph, segment, image, i));
  }
  absl::StrAppend(&text, "  };\n  nw_progress progress[", stages, "];\n  nw_stream(stages, ",
                  stages, ", progress, arena, image, hook);\n}\n");
  return text;
}

}  // namespace niwaki::engine
