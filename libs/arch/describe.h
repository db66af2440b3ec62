// A network in words: what each operator is called, and a table of them with shapes and costs.

#ifndef NIWAKI_LIBS_ARCH_DESCRIBE_H_
#define NIWAKI_LIBS_ARCH_DESCRIBE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"

namespace niwaki::arch {

// One operator of a network.
struct LayerRow {
  // The weight's name, or for an operator without weights its place: "stage2.block1.add",
  // "head.pool", "stem.max_pool". Unique in a graph.
  std::string name;
  // "conv2d", "depthwise_conv2d", "add", "mul", "global_avg_pool", "linear", "max_pool",
  // "avg_pool".
  std::string kind;
  // "none", "relu", "relu6", "hard_swish", "hard_sigmoid".
  std::string activation;
  int kernel_size = 1;
  int stride = 1;
  // Of the first operand.
  TensorShape input;
  TensorShape output;
  int64_t macs = 0;
  int64_t params = 0;
};

// A row for each operator, in execution order.
std::vector<LayerRow> DescribeLayers(const Graph& graph);

std::string OpName(const Graph& graph, const Op& op);
absl::string_view OpKindName(OpKind kind);
absl::string_view OpActivationName(OpActivation activation);

// "24x20x16": height, width, channels.
std::string ShapeText(const TensorShape& shape);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_DESCRIBE_H_
