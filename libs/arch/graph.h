// Graph: the one description of a network. Every operator with its shapes, in execution order,
// batch 1.
//
// Costs, the memory plan, the emitted code, latency and the LibTorch forward pass are all read from
// it. Batch norm and activation belong to the operator that they follow. Names of weights are those
// of the supernet's checkpoint: `stage2.block1.expand`, and an operator uses the leading slice of
// that weight that its channels say.

#ifndef NIWAKI_LIBS_ARCH_GRAPH_H_
#define NIWAKI_LIBS_ARCH_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::arch {

enum class OpKind {
  // [H, W, Ci] → [Ho, Wo, Co], kernel k x k, padding k / 2.
  kConv2d,
  // [H, W, C] → [Ho, Wo, C], one filter a channel.
  kDepthwiseConv2d,
  // Two tensors of one shape → their sum.
  kAdd,
  // [H, W, C] times [1, 1, C] → [H, W, C]: applies a squeeze-excite gate.
  kMul,
  // [H, W, C] → [1, 1, C]: mean over height and width.
  kGlobalAvgPool,
  // [1, 1, Ci] → [1, 1, Co].
  kLinear,
  // [H, W, C] → [Ho, Wo, C], largest of each k x k window, padding k / 2.
  kMaxPool,
  // [H, W, C] → [Ho, Wo, C], mean of each k x k window without overlap; windows at the lower and
  // right edge are cut off.
  kAvgPool,
};

// What an activation after a gate is: kHardSigmoid exists only inside squeeze-excite.
enum class OpActivation { kNone, kRelu, kRelu6, kHardSwish, kHardSigmoid };

using TensorId = int32_t;

struct TensorShape {
  int height = 0;
  int width = 0;
  int channels = 0;

  int64_t elements() const { return int64_t{height} * width * channels; }
};

struct Op {
  OpKind kind = OpKind::kConv2d;
  OpActivation activation = OpActivation::kNone;
  // One input; two for kAdd and kMul.
  TensorId input = -1;
  TensorId second_input = -1;
  TensorId output = -1;
  int kernel_size = 1;
  int stride = 1;
  bool batch_norm = false;
  bool bias = false;
  // Index into Graph::weights; -1 for operators without weights.
  int32_t weight = -1;
  // Where it stands: stage of the space and block of the stage; -1 for stem and head.
  int16_t stage = -1;
  int16_t block = -1;
};

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

// Channels of the feature mix layer under a multiplier.
int FeatureMixWidth(const Head& head, double width_mult);

struct Graph {
  std::vector<TensorShape> tensors;
  std::vector<Op> ops;
  std::vector<Weight> weights;
  TensorId input = 0;
  TensorId output = 0;

  const TensorShape& shape(TensorId id) const { return tensors[id]; }
};

// The network that `subnet` (valid, canonical) describes. Blocks with expand_ratio 1 have no
// expansion operator where the space's stage offers only ratio 1.
Graph BuildGraph(const SearchSpace& space, const Subnet& subnet);

// As BuildGraph, reusing the memory of `graph`: for loops over many subnets.
void BuildGraphInto(const SearchSpace& space, const Subnet& subnet, Graph& graph);

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
