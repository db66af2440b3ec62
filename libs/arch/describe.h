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
  // As OpKindName and OpActivationName say.
  std::string kind;
  std::string activation;
  int kernel_h = 1;
  int kernel_w = 1;
  int stride_h = 1;
  int stride_w = 1;
  // Unless the operator has its kind's usual padding: that of top, bottom, left and right,
  // "0,1,0,1".
  std::string unusual_padding;
  // Of the first operand.
  TensorShape input;
  TensorShape output;
  int64_t macs = 0;
  int64_t params = 0;
};

// A row for each operator, in execution order.
std::vector<LayerRow> DescribeLayers(const Graph& graph);

std::string OpName(const Graph& graph, const Op& op);

// "3" where both are equal, else "3x1": height, width.
std::string WindowText(int height, int width);

// "24x20x16": height, width, channels.
std::string ShapeText(const TensorShape& shape);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_DESCRIBE_H_
