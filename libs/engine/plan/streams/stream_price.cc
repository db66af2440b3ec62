#include "libs/engine/plan/streams/stream_price.h"

#include <algorithm>

#include "libs/arch/operator_facts.h"

namespace niwaki::engine {

using arch::Graph;
using arch::Op;

int64_t WholeInstructions(const Graph& graph, const Op& op, const StreamPrices& prices) {
  const int64_t outputs = graph.shape(op.output).elements();
  return prices.call + (arch::MacsOf(graph, op) * prices.mac + outputs * prices.output) / 100;
}

int64_t StreamingInstructions(const Graph& graph, const Op& op, int rows,
                              const StreamPrices& prices) {
  const arch::TensorShape& in = graph.shape(op.input);
  const arch::TensorShape& out = graph.shape(op.output);
  const int64_t calls = (out.height + rows - 1) / rows;
  int64_t price = prices.call * (calls - 1);
  if (op.kind == arch::OpKind::kDepthwiseConv2d) {
    const int64_t again =
        int64_t{op.kernel_h} * calls + (out.height - calls) * op.stride_h - in.height;
    price += std::max<int64_t>(again, 0) * in.width * in.channels * prices.widen_input / 100;
    price += (calls - 1) * out.channels * prices.channel_row;
  }
  if (op.kind == arch::OpKind::kConv2d && op.is_pointwise()) {
    const int64_t chunks =
        (int64_t{rows} * out.width + prices.chunk_pixels - 1) / prices.chunk_pixels;
    const int64_t weights = int64_t{in.channels} * out.channels * prices.widen_weight / 100;
    price += (calls - 1) * chunks * (prices.chunk + weights);
  } else if (op.kind == arch::OpKind::kConv2d) {
    price += (calls - 1) * int64_t{out.width} * out.channels * prices.window_output / 100;
  }
  return price;
}

}  // namespace niwaki::engine
