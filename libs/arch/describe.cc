#include "libs/arch/describe.h"

#include "absl/strings/str_cat.h"

namespace niwaki::arch {
std::string OpName(const Graph& graph, const Op& op) {
  if (op.weight >= 0) return WeightName(graph.weights[op.weight]);
  const OpFacts& facts = FactsOf(op.kind);
  if (op.stage < 0) return std::string(facts.place_outside);
  return absl::StrCat("stage", op.stage, ".block", op.block, ".", facts.place_in_block);
}

std::string WindowText(int height, int width) {
  return height == width ? absl::StrCat(height) : absl::StrCat(height, "x", width);
}

std::string ShapeText(const TensorShape& shape) {
  return absl::StrCat(shape.height, "x", shape.width, "x", shape.channels);
}

std::vector<LayerRow> DescribeLayers(const Graph& graph) {
  std::vector<LayerRow> rows;
  rows.reserve(graph.ops.size());
  for (const Op& op : graph.ops) {
    LayerRow row;
    row.name = OpName(graph, op);
    row.kind = std::string(OpKindName(op.kind));
    row.activation = std::string(OpActivationName(op.activation));
    row.kernel_h = op.kernel_h;
    row.kernel_w = op.kernel_w;
    row.stride_h = op.stride_h;
    row.stride_w = op.stride_w;
    if (!HasUsualPadding(graph, op)) {
      row.unusual_padding = absl::StrCat(op.padding.top, ",", op.padding.bottom, ",",
                                         op.padding.left, ",", op.padding.right);
    }
    row.input = graph.shape(op.input);
    row.output = graph.shape(op.output);
    row.macs = MacsOf(graph, op);
    row.params = ParamsOf(graph, op);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace niwaki::arch
