#include "libs/arch/describe.h"

#include "absl/strings/str_cat.h"

namespace niwaki::arch {
namespace {

// What an operator without weights does where it stands.
absl::string_view PlainOpName(const Op& op) {
  switch (op.kind) {
    case OpKind::kAdd:
      return "add";
    case OpKind::kMaxPool:
      return "max_pool";
    case OpKind::kAvgPool:
      return "avg_pool";
    case OpKind::kMul:
      return "squeeze_scale";
    case OpKind::kGlobalAvgPool:
      return op.stage < 0 ? "pool" : "squeeze_pool";
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kLinear:
      break;
  }
  return OpKindName(op.kind);
}

}  // namespace

std::string OpName(const Graph& graph, const Op& op) {
  if (op.weight >= 0) return WeightName(graph.weights[op.weight]);
  const bool head = op.kind == OpKind::kGlobalAvgPool;
  if (op.stage < 0) return absl::StrCat(head ? "head." : "stem.", PlainOpName(op));
  return absl::StrCat("stage", op.stage, ".block", op.block, ".", PlainOpName(op));
}

absl::string_view OpKindName(OpKind kind) {
  switch (kind) {
    case OpKind::kConv2d:
      return "conv2d";
    case OpKind::kDepthwiseConv2d:
      return "depthwise_conv2d";
    case OpKind::kAdd:
      return "add";
    case OpKind::kMul:
      return "mul";
    case OpKind::kGlobalAvgPool:
      return "global_avg_pool";
    case OpKind::kLinear:
      return "linear";
    case OpKind::kMaxPool:
      return "max_pool";
    case OpKind::kAvgPool:
      return "avg_pool";
  }
  return "";
}

absl::string_view OpActivationName(OpActivation activation) {
  switch (activation) {
    case OpActivation::kNone:
      return "none";
    case OpActivation::kRelu:
      return "relu";
    case OpActivation::kRelu6:
      return "relu6";
    case OpActivation::kHardSwish:
      return "hard_swish";
    case OpActivation::kHardSigmoid:
      return "hard_sigmoid";
  }
  return "";
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
    row.kernel_size = op.kernel_size;
    row.stride = op.stride;
    row.input = graph.shape(op.input);
    row.output = graph.shape(op.output);
    row.macs = MacsOf(graph, op);
    row.params = ParamsOf(graph, op);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace niwaki::arch
