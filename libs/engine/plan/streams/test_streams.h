// Small networks whose operators stream, for tests.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_STREAMS_TEST_STREAMS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_STREAMS_TEST_STREAMS_H_

#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"

namespace niwaki::engine {

// Appends an operator that reads `input`; its output.
inline arch::TensorId AddOp(arch::Graph& graph, arch::OpKind kind, arch::TensorId input,
                            int channels, int kernel = 1, int stride = 1) {
  arch::Op op;
  op.kind = kind;
  op.SetWindow(kernel, stride);
  op.input = input;
  op.output = static_cast<arch::TensorId>(graph.tensors.size());
  arch::TensorShape shape = arch::WindowOutput(graph.tensors[input], op);
  shape.channels = channels;
  graph.tensors.push_back(shape);
  graph.ops.push_back(op);
  graph.output = op.output;
  return op.output;
}

inline arch::TensorId AddSum(arch::Graph& graph, arch::TensorId first, arch::TensorId second) {
  const arch::TensorId sum = AddOp(graph, arch::OpKind::kAdd, first, graph.tensors[first].channels);
  graph.ops.back().second_input = second;
  return sum;
}

// An inverted bottleneck: expand, depthwise, project, and the sum with its input where there is
// one.
inline arch::TensorId AddBlock(arch::Graph& graph, arch::TensorId input, int expanded, int channels,
                               int kernel, int stride, bool shortcut) {
  const arch::TensorId wide = AddOp(graph, arch::OpKind::kConv2d, input, expanded);
  const arch::TensorId deep =
      AddOp(graph, arch::OpKind::kDepthwiseConv2d, wide, expanded, kernel, stride);
  const arch::TensorId narrow = AddOp(graph, arch::OpKind::kConv2d, deep, channels);
  return shortcut ? AddSum(graph, narrow, input) : narrow;
}

inline arch::Graph ImageOf(int height, int width, int channels) {
  arch::Graph graph;
  graph.tensors = {{height, width, channels}};
  return graph;
}

// Up to `most_ops` convolutions, pools, shortcuts and blocks over an image of 5 to 16 rows.
inline arch::Graph RandomStream(Random& random, int most_ops) {
  const auto from = [&](int low, int high) {
    return low + static_cast<int>(random.Uniform(high - low + 1));
  };
  arch::Graph graph = ImageOf(from(5, 16), from(4, 9), from(1, 4));
  arch::TensorId last = 0;
  while (static_cast<int>(graph.ops.size()) < most_ops) {
    const int channels = from(1, 6);
    const int left = most_ops - static_cast<int>(graph.ops.size());
    const int kernel = 2 * from(0, 2) + 1;
    const int stride = graph.tensors[last].height > 4 ? from(1, 2) : 1;
    switch (from(0, left >= 4 ? 4 : 2)) {
      case 0:
        last = AddOp(graph, arch::OpKind::kConv2d, last, channels, kernel, stride);
        break;
      case 1:
        last = AddOp(graph, arch::OpKind::kDepthwiseConv2d, last, graph.tensors[last].channels,
                     kernel, stride);
        break;
      case 2:
        last = AddOp(graph, arch::OpKind::kMaxPool, last, graph.tensors[last].channels, kernel,
                     stride);
        break;
      case 3:
        last = AddBlock(graph, last, channels + 4, graph.tensors[last].channels, kernel, 1, true);
        break;
      default: {
        // Two ways that both stride, as in residual networks.
        const arch::TensorId straight =
            AddOp(graph, arch::OpKind::kConv2d, last, channels, kernel, stride);
        const arch::TensorId second = AddOp(graph, arch::OpKind::kConv2d, straight, channels, 3);
        const arch::TensorId beside =
            AddOp(graph, arch::OpKind::kConv2d, last, channels, 1, stride);
        last = AddSum(graph, second, beside);
        break;
      }
    }
  }
  return graph;
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_STREAMS_TEST_STREAMS_H_
