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

int64_t StreamingInstructions(const Graph& graph, const Op& op, const StreamPrices& prices) {
  const arch::TensorShape& in = graph.shape(op.input);
  const arch::TensorShape& out = graph.shape(op.output);
  int64_t price = prices.call * (out.height - 1);
  if (op.kind == arch::OpKind::kDepthwiseConv2d) {
    const int64_t again = int64_t{op.kernel_h} * out.height - in.height;
    price += std::max<int64_t>(again, 0) * in.width * in.channels * prices.widen_input / 100;
  }
  if (op.kind == arch::OpKind::kConv2d && op.is_pointwise()) {
    const auto chunks = [&](int64_t pixels) {
      return (pixels + prices.chunk_pixels - 1) / prices.chunk_pixels;
    };
    const int64_t more = out.height * chunks(out.width) - chunks(int64_t{out.height} * out.width);
    price += more * in.channels * out.channels * prices.widen_weight / 100;
  }
  return price;
}

}  // namespace niwaki::engine
