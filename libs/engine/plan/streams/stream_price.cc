#include "libs/engine/plan/streams/stream_price.h"

#include <algorithm>

namespace niwaki::engine {

using arch::Graph;
using arch::Op;

namespace {

// For which weights are widened once. Kernels take as many as there is scratch memory for; this is
// what is usual.
constexpr int64_t kChunkPixels = 48;

int64_t Fours(int64_t count) { return (count + 3) / 4; }

StreamWork DepthwiseWork(const Graph& graph, const Op& op, int64_t rows) {
  const arch::TensorShape& in = graph.shape(op.input);
  const arch::TensorShape& out = graph.shape(op.output);
  const int64_t calls = (out.height + rows - 1) / rows;
  const int64_t lines = calls * (op.kernel_h - op.stride_h) + int64_t{out.height} * op.stride_h;
  const int64_t quads = int64_t{out.channels} * out.height * Fours(out.width);
  return {calls,
          calls * out.channels,
          lines * out.channels * Fours(in.width + op.padding.width()),
          int64_t{out.channels} * out.height,
          quads,
          quads * op.taps()};
}

StreamWork ConvolutionWork(const Graph& graph, const Op& op, int64_t rows) {
  const arch::TensorShape& in = graph.shape(op.input);
  const arch::TensorShape& out = graph.shape(op.output);
  const int64_t calls = (out.height + rows - 1) / rows;
  const int64_t chunks =
      calls * ((std::min<int64_t>(rows, out.height) * out.width + kChunkPixels - 1) / kChunkPixels);
  const int64_t terms = op.kernel_h * 4 * Fours(int64_t{op.kernel_w} * in.channels);
  const int64_t pixels = int64_t{out.height} * out.width;
  return {calls,
          chunks * terms * out.channels,
          pixels * out.channels,
          pixels * out.channels * terms,
          pixels * terms,
          0};
}

}  // namespace

StreamClass StreamClassOf(const Op& op) {
  if (op.kind == arch::OpKind::kDepthwiseConv2d) return StreamClass::kDepthwise;
  if (op.kind != arch::OpKind::kConv2d) return StreamClass::kOther;
  return op.is_pointwise() ? StreamClass::kPointwise : StreamClass::kWindow;
}

StreamWork StreamWorkOf(const Graph& graph, const Op& op, int rows) {
  const arch::TensorShape& out = graph.shape(op.output);
  switch (StreamClassOf(op)) {
    case StreamClass::kDepthwise:
      return DepthwiseWork(graph, op, rows);
    case StreamClass::kPointwise:
    case StreamClass::kWindow:
      return ConvolutionWork(graph, op, rows);
    case StreamClass::kOther:
      break;
  }
  const int64_t work = std::max(out.elements(), arch::MacsOf(graph, op));
  return {(int64_t{out.height} + rows - 1) / rows, work, 0, 0, 0, 0};
}

int64_t Instructions(const Graph& graph, const Op& op, int rows, const StreamPrices& prices) {
  const StreamWork work = StreamWorkOf(graph, op, rows);
  const StreamWork& price = prices.work[static_cast<size_t>(StreamClassOf(op))];
  int64_t sum = 0;
  for (size_t i = 0; i < kStreamWorks; ++i) sum += work[i] * price[i];
  return sum / 100;
}

int64_t WholeInstructions(const Graph& graph, const Op& op, const StreamPrices& prices) {
  return Instructions(graph, op, graph.shape(op.output).height, prices);
}

int64_t StreamingInstructions(const Graph& graph, const Op& op, int rows, int64_t whole,
                              const StreamPrices& prices) {
  if (rows >= graph.shape(op.output).height) return 0;
  return std::max<int64_t>(0, Instructions(graph, op, rows, prices) - whole);
}

int64_t SeamInstructions(const Graph& graph, const Op& last, bool feeds_depthwise,
                         const StreamPrices& prices) {
  int64_t price = feeds_depthwise ? prices.scattered_input : 0;
  if (last.kind == arch::OpKind::kDepthwiseConv2d) price += prices.scattered_output;
  return graph.shape(last.output).elements() * price / 100;
}

}  // namespace niwaki::engine
