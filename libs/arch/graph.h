// Graph: the one description of a network. Every operator with its shapes, in execution order,
// batch 1.
//
// Costs, the memory plan, the emitted code, latency and the LibTorch forward pass are all read from
// it. Batch norm and activation belong to the operator that they follow. Names of weights are those
// of the supernet's checkpoint: `stage2.block1.expand`, and an operator uses the leading slice of
// that weight that its channels say.

#ifndef NIWAKI_LIBS_ARCH_GRAPH_H_
#define NIWAKI_LIBS_ARCH_GRAPH_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::arch {

using TensorId = int32_t;

struct TensorShape {
  int height = 0;
  int width = 0;
  int channels = 0;

  int64_t elements() const { return int64_t{height} * width * channels; }
};

// Rows and columns beyond the input's edges that windows cover.
struct Padding {
  uint8_t top = 0;
  uint8_t bottom = 0;
  uint8_t left = 0;
  uint8_t right = 0;

  int height() const { return top + bottom; }
  int width() const { return left + right; }
  friend bool operator==(const Padding& a, const Padding& b) {
    return a.top == b.top && a.bottom == b.bottom && a.left == b.left && a.right == b.right;
  }
  friend bool operator!=(const Padding& a, const Padding& b) { return !(a == b); }
};

// What few kinds need besides an Op.
struct OpExtra {
  // kConcat: what it reads, in order.
  std::vector<TensorId> inputs;
  // kTranspose: axis i of the output is axis order[i] of the input (0 height, 1 width, 2 channels).
  std::array<int8_t, 3> order = {0, 1, 2};
  // kMean: whether the mean goes over height, width, channels.
  std::array<bool, 3> axes = {false, false, false};
};

// 40 bytes: a network's operators stay in the cache.
struct Op {
  OpKind kind = OpKind::kConv2d;
  OpActivation activation = OpActivation::kNone;
  bool batch_norm = false;
  bool bias = false;
  // As many inputs as FactsOf(kind) says; the other one is -1.
  TensorId input = -1;
  TensorId second_input = -1;
  TensorId output = -1;
  // 1, 1 and 0 where the kind has no windows.
  uint16_t kernel_h = 1;
  uint16_t kernel_w = 1;
  uint16_t stride_h = 1;
  uint16_t stride_w = 1;
  Padding padding;
  // Index into Graph::weights; -1 for operators without weights.
  int32_t weight = -1;
  // Index into Graph::extras; -1 for most.
  int32_t extra = -1;
  // Where it stands: stage of the space and block of the stage; -1 for stem and head.
  int16_t stage = -1;
  int16_t block = -1;

  int taps() const { return kernel_h * kernel_w; }
  // A kernel that sees one pixel at a time.
  bool is_pointwise() const { return taps() == 1 && padding == Padding(); }
  // A square window of this size and stride, half a kernel of padding on every side.
  void SetWindow(int kernel_size, int stride);
};
static_assert(sizeof(Op) == 40);

// A weight that an operator uses, by role; `WeightName` gives its name in a checkpoint.
enum class WeightRole {
  kStem,
  kExpand,
  kDepthwise,
  kSqueezeReduce,
  kSqueezeExpand,
  kProject,
  kFinalExpand,
  kFeatureMix,
  kClassifier,
  kStemResidual,
  kStemSecond,
  // Of a bottleneck: its three convolutions and that of its shortcut.
  kReduce,
  kSpatial,
  kRestore,
  kDownsample,
  // Of an imported network: `block` is the number of the operator.
  kImported,
};

struct Weight {
  WeightRole role = WeightRole::kStem;
  int16_t stage = -1;
  int16_t block = -1;
};

// "stem", "stage0.block1.expand", …, "head.feature_mix", "classifier".
std::string WeightName(const Weight& weight);

// Whether the block adds its input to its output as it is: the stage allows it, the stride is 1 and
// the widths agree under every choice of multipliers, so that the structure does not change with
// width_mult (MCUNet's released code).
bool HasShortcut(const SearchSpace& space, int stage, int block);

// Channels of the feature mix layer of `space` under a multiplier.
int FeatureMixWidth(const SearchSpace& space, double width_mult);

struct Graph {
  std::vector<TensorShape> tensors;
  std::vector<Op> ops;
  std::vector<Weight> weights;
  std::vector<OpExtra> extras;
  TensorId input = 0;
  TensorId output = 0;

  const TensorShape& shape(TensorId id) const { return tensors[id]; }
};

// The network that `subnet` (valid, canonical) describes. Blocks with expand_ratio 1 have no
// expansion operator where the space's stage offers only ratio 1.
Graph BuildGraph(const SearchSpace& space, const Subnet& subnet);

// As BuildGraph, reusing the memory of `graph`: for loops over many subnets.
void BuildGraphInto(const SearchSpace& space, const Subnet& subnet, Graph& graph);

// Cells of an output along one axis: `padding` is that of both sides. The window fits at least
// once.
constexpr int WindowOutput(int input, int kernel, int stride, int padding) {
  return (input + padding - kernel) / stride + 1;
}

// Height and width of the output of `op`'s windows over `input`, with as many channels as `input`.
TensorShape WindowOutput(const TensorShape& input, const Op& op);

// One axis of the padding that networks give `facts`' kind (see UsualPadding): cells before and
// after.
struct AxisPadding {
  int before = 0;
  int after = 0;
};
inline AxisPadding UsualPaddingOf(const OpFacts& facts, int input, int output, int kernel,
                                  int stride) {
  switch (facts.padding) {
    case UsualPadding::kNone:
      return {};
    case UsualPadding::kHalfKernel:
      return {kernel / 2, kernel / 2};
    case UsualPadding::kCutOff: {
      // In 64 bits: signatures from outside hold numbers that no network has.
      const int64_t needed = (int64_t{output} - 1) * stride + kernel - input;
      return {0, static_cast<int>(std::clamp<int64_t>(needed, 0, kernel - 1))};
    }
  }
  return {};
}

// Inline, with the above: asked for every operator of every network whose latency is estimated.
inline bool HasUsualPadding(const Graph& graph, const Op& op) {
  const OpFacts& facts = FactsOf(op.kind);
  const TensorShape& in = graph.shape(op.input);
  const TensorShape& out = graph.shape(op.output);
  const AxisPadding rows = UsualPaddingOf(facts, in.height, out.height, op.kernel_h, op.stride_h);
  const AxisPadding columns = UsualPaddingOf(facts, in.width, out.width, op.kernel_w, op.stride_w);
  return op.padding.top == rows.before && op.padding.bottom == rows.after &&
         op.padding.left == columns.before && op.padding.right == columns.after;
}

// Whether the window is square, its stride too, and the padding is the usual one: all that the
// networks of spaces have, and all that some kernels and tables know.
bool HasUsualWindow(const Graph& graph, const Op& op);

// The tensors that `op` reads, in order: one, two, or those of its extra.
absl::InlinedVector<TensorId, 2> InputsOf(const Graph& graph, const Op& op);

// Rows [begin, end) of a tensor.
struct RowRange {
  int begin = 0;
  int end = 0;
};
// The rows of each input that rows `output` of the output need; empty where all that they see is
// padding. Of a gate (kMul) only for its first input: the second has one row.
RowRange InputRows(const Graph& graph, const Op& op, const RowRange& output);

// Of the weight of `op`, as LibTorch holds it: [Co, Ci, kernel_h, kernel_w], [C, 1, kernel_h,
// kernel_w] or [Co, Ci]; empty without weights.
std::vector<int64_t> WeightShape(const Graph& graph, const Op& op);

// Multiply-accumulates of convolutions and linear layers, squeeze-excite included; no batch norm,
// activation or pooling.
int64_t CountMacs(const Graph& graph);
int64_t MacsOf(const Graph& graph, const Op& op);

// Parameters of the extracted network: weights, biases and batch-norm scale and shift (not running
// statistics).
int64_t CountParams(const Graph& graph);
int64_t ParamsOf(const Graph& graph, const Op& op);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_GRAPH_H_
