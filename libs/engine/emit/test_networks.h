// Quantised networks for tests of what runs them: every kind of operator, random weights, levels
// that use their range.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_TEST_NETWORKS_H_
#define NIWAKI_LIBS_ENGINE_EMIT_TEST_NETWORKS_H_

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// Adds operators one behind the other; each returns the tensor that it writes.
class NetworkBuilder {
 public:
  NetworkBuilder(arch::TensorShape input, uint64_t seed) : random_(seed) {
    network_.graph.input = Tensor(input, {0.05F, -3});
  }

  arch::TensorId Convolution(arch::TensorId input, int channels, int kernel, int stride,
                             arch::OpActivation activation = arch::OpActivation::kNone) {
    return Weighted(arch::OpKind::kConv2d, input, channels, kernel, stride, activation);
  }
  // `channels` is a multiple of the input's.
  arch::TensorId Depthwise(arch::TensorId input, int channels, int kernel, int stride) {
    return Weighted(arch::OpKind::kDepthwiseConv2d, input, channels, kernel, stride,
                    arch::OpActivation::kRelu);
  }
  arch::TensorId Linear(arch::TensorId input, int outputs) {
    const arch::TensorShape in = network_.graph.shape(input);
    arch::Op op = NewOp(arch::OpKind::kLinear, input, Tensor({1, 1, outputs}, {}));
    return AddWeights(op, in.elements(), int64_t{outputs} * in.elements());
  }
  arch::TensorId Two(arch::OpKind kind, arch::TensorId first, arch::TensorId second) {
    arch::Op op = NewOp(kind, first, Tensor(network_.graph.shape(first), {0.11F, 4}));
    op.second_input = second;
    return Push(op);
  }
  // An operator without weights that has the input's scale where `output` has none.
  arch::TensorId Plain(arch::OpKind kind, arch::TensorId input, arch::TensorShape shape,
                       Quantisation output = {0, 0}) {
    const Quantisation same = network_.tensors[input];
    return Push(NewOp(kind, input, Tensor(shape, output.scale == 0 ? same : output)));
  }
  arch::TensorId Pool(arch::OpKind kind, arch::TensorId input, int kernel, int stride) {
    arch::Op op = NewOp(kind, input, 0);
    op.SetWindow(kernel, stride);
    op.output =
        Tensor(arch::WindowOutput(network_.graph.shape(input), op), network_.tensors[input]);
    return Push(op);
  }
  arch::TensorId Pad(arch::TensorId input, arch::Padding padding) {
    const arch::TensorShape in = network_.graph.shape(input);
    arch::Op op =
        NewOp(arch::OpKind::kPad, input,
              Tensor({in.height + padding.height(), in.width + padding.width(), in.channels},
                     network_.tensors[input]));
    op.padding = padding;
    return Push(op);
  }
  arch::TensorId Concat(const std::vector<arch::TensorId>& inputs) {
    arch::TensorShape shape = network_.graph.shape(inputs[0]);
    shape.channels = 0;
    for (const arch::TensorId id : inputs) shape.channels += network_.graph.shape(id).channels;
    arch::Op op = NewOp(arch::OpKind::kConcat, -1, Tensor(shape, network_.tensors[inputs[0]]));
    arch::OpExtra extra;
    extra.inputs = inputs;
    return PushWith(op, extra);
  }
  arch::TensorId Transpose(arch::TensorId input, std::array<int8_t, 3> order) {
    const arch::TensorShape in = network_.graph.shape(input);
    const int sides[3] = {in.height, in.width, in.channels};
    arch::Op op =
        NewOp(arch::OpKind::kTranspose, input,
              Tensor({sides[order[0]], sides[order[1]], sides[order[2]]}, network_.tensors[input]));
    arch::OpExtra extra;
    extra.order = order;
    return PushWith(op, extra);
  }
  arch::TensorId Mean(arch::TensorId input, std::array<bool, 3> axes) {
    const arch::TensorShape in = network_.graph.shape(input);
    arch::Op op =
        NewOp(arch::OpKind::kMean, input,
              Tensor({axes[0] ? 1 : in.height, axes[1] ? 1 : in.width, axes[2] ? 1 : in.channels},
                     {network_.tensors[input].scale / 2, 9}));
    arch::OpExtra extra;
    extra.axes = axes;
    return PushWith(op, extra);
  }
  arch::TensorId Activation(arch::TensorId input, arch::OpActivation activation) {
    arch::Op op =
        NewOp(arch::OpKind::kActivation, input, Tensor(network_.graph.shape(input), {0.04F, -100}));
    op.activation = activation;
    return Push(op);
  }
  arch::TensorId Constant(arch::TensorShape shape) {
    const arch::TensorId id = Tensor(shape, {0.05F, -3});
    network_.constants[id] = Levels(shape.elements());
    return id;
  }
  // Gives what stands behind the input's quantize.
  arch::TensorId Quantize() {
    return Plain(arch::OpKind::kQuantize, network_.graph.input,
                 network_.graph.shape(network_.graph.input), {0.05F, -3});
  }

  const arch::TensorShape& shape(arch::TensorId id) const { return network_.graph.shape(id); }
  arch::TensorId input() const { return network_.graph.input; }

  QuantisedNetwork Build(arch::TensorId output) {
    network_.graph.output = output;
    return network_;
  }

 private:
  arch::TensorId Tensor(arch::TensorShape shape, Quantisation quantisation) {
    network_.graph.tensors.push_back(shape);
    network_.tensors.push_back(quantisation);
    return static_cast<arch::TensorId>(network_.graph.tensors.size()) - 1;
  }
  static arch::Op NewOp(arch::OpKind kind, arch::TensorId input, arch::TensorId output) {
    arch::Op op;
    op.kind = kind;
    op.input = input;
    op.output = output;
    return op;
  }
  arch::TensorId Push(const arch::Op& op) {
    network_.graph.ops.push_back(op);
    return op.output;
  }
  arch::TensorId PushWith(arch::Op op, const arch::OpExtra& extra) {
    op.extra = static_cast<int32_t>(network_.graph.extras.size());
    network_.graph.extras.push_back(extra);
    return Push(op);
  }
  std::vector<int8_t> Levels(int64_t count) {
    std::vector<int8_t> levels(count);
    for (int8_t& level : levels) level = static_cast<int8_t>(random_.Uniform(255));
    return levels;
  }
  arch::TensorId Weighted(arch::OpKind kind, arch::TensorId input, int channels, int kernel,
                          int stride, arch::OpActivation activation) {
    const int inputs = network_.graph.shape(input).channels;
    arch::Op op = NewOp(kind, input, 0);
    op.SetWindow(kernel, stride);
    op.activation = activation;
    arch::TensorShape shape = arch::WindowOutput(network_.graph.shape(input), op);
    shape.channels = channels;
    op.output = Tensor(shape, {});
    const int64_t per_filter =
        int64_t{kernel} * kernel * (kind == arch::OpKind::kConv2d ? inputs : 1);
    return AddWeights(op, per_filter, per_filter * channels);
  }
  // Weights' scales are such that sums of random products use the range of int8.
  arch::TensorId AddWeights(arch::Op op, int64_t per_filter, int64_t count) {
    constexpr float kScale = 0.05F;
    // Of random levels and of what the output should have, about.
    constexpr float kDeviation = 73;
    constexpr float kWanted = 40;
    const int channels = network_.graph.shape(op.output).channels;
    const float sums = kDeviation * kDeviation * std::sqrt(static_cast<float>(per_filter));
    const float scale = kWanted * kScale / (sums * network_.tensors[op.input].scale);
    QuantisedWeight weight;
    weight.values = Levels(count);
    for (int c = 0; c < channels; ++c) {
      weight.scales.push_back(scale * (1 + 0.01F * static_cast<float>(c)));
      weight.biases.push_back(static_cast<int32_t>(random_.Uniform(2001)) - 1000);
    }
    network_.tensors[op.output] = {kScale, -20};
    op.bias = true;
    op.weight = static_cast<int32_t>(network_.weights.size());
    network_.graph.weights.push_back(
        {arch::WeightRole::kImported, -1, static_cast<int16_t>(network_.graph.ops.size())});
    network_.weights.push_back(std::move(weight));
    return Push(op);
  }

  Random random_;
  QuantisedNetwork network_;
};

struct NamedNetwork {
  std::string name;
  QuantisedNetwork network;
};

// An inverted bottleneck as spaces have it: depthwise and add in place, squeeze-excite, a
// classifier.
inline QuantisedNetwork BottleneckNetwork(uint64_t seed) {
  using arch::OpActivation;
  using arch::OpKind;
  NetworkBuilder b({12, 10, 3}, seed);
  const arch::TensorId stem = b.Convolution(b.input(), 8, 3, 2, OpActivation::kRelu6);
  const arch::TensorId expand = b.Convolution(stem, 20, 1, 1, OpActivation::kRelu);
  const arch::TensorId depthwise = b.Depthwise(expand, 20, 5, 1);
  const arch::TensorId pooled = b.Plain(OpKind::kGlobalAvgPool, depthwise, {1, 1, 20});
  const arch::TensorId gate =
      b.Activation(b.Convolution(b.Convolution(pooled, 5, 1, 1, OpActivation::kRelu), 20, 1, 1),
                   OpActivation::kHardSigmoid);
  const arch::TensorId gated = b.Two(OpKind::kMul, depthwise, gate);
  const arch::TensorId sum = b.Two(OpKind::kAdd, b.Convolution(gated, 8, 1, 1), stem);
  const arch::TensorId down = b.Depthwise(b.Convolution(sum, 24, 1, 1), 24, 3, 2);
  const arch::TensorId logits = b.Linear(b.Plain(OpKind::kGlobalAvgPool, down, {1, 1, 24}), 10);
  return b.Build(b.Plain(OpKind::kSoftmax, logits, {1, 1, 10}, {1.0F / 256, -128}));
}

// What imported networks have besides.
inline QuantisedNetwork ImportedNetwork(uint64_t seed) {
  using arch::OpActivation;
  using arch::OpKind;
  NetworkBuilder b({9, 7, 2}, seed);
  const arch::TensorId padded = b.Pad(b.Quantize(), {1, 0, 2, 1});
  const arch::TensorId first = b.Convolution(padded, 6, 3, 1);
  const arch::TensorId largest = b.Pool(OpKind::kMaxPool, first, 3, 2);
  const arch::TensorId mean = b.Pool(OpKind::kAvgPool, first, 3, 2);
  const arch::TensorId joined = b.Concat({largest, mean});
  const arch::TensorShape half = b.shape(joined);
  const arch::TensorId large =
      b.Plain(OpKind::kUpsample, joined, {2 * half.height, 3 * half.width, half.channels});
  const arch::TensorId biased = b.Two(OpKind::kAdd, large, b.Constant({1, 1, half.channels}));
  const arch::TensorId turned = b.Transpose(biased, {1, 2, 0});
  const arch::TensorId swished = b.Activation(turned, OpActivation::kHardSwish);
  const arch::TensorId logistic = b.Activation(swished, OpActivation::kLogistic);
  const arch::TensorShape full = b.shape(logistic);
  const arch::TensorId rescaled = b.Plain(OpKind::kRescale, logistic, full, {0.03F, 7});
  const arch::TensorId flat =
      b.Plain(OpKind::kReshape, rescaled, {full.height * full.width, 1, full.channels});
  const arch::TensorId averaged = b.Mean(flat, {true, true, false});
  const arch::TensorId classes = b.Linear(averaged, 5);
  return b.Build(b.Plain(OpKind::kDequantize, classes, {1, 1, 5}));
}

// A depthwise convolution with several filters a channel, which cannot run in place, a reshape that
// others read besides.
inline QuantisedNetwork SpreadNetwork(uint64_t seed) {
  using arch::OpKind;
  NetworkBuilder b({8, 8, 2}, seed);
  const arch::TensorId spread = b.Depthwise(b.input(), 16, 3, 2);
  const arch::TensorId flat = b.Plain(OpKind::kReshape, spread, {1, 16, 16});
  const arch::TensorId both =
      b.Two(OpKind::kAdd, b.Plain(OpKind::kReshape, spread, {1, 16, 16}), flat);
  const arch::TensorId rows = b.Mean(both, {false, false, true});
  return b.Build(b.Linear(b.Plain(OpKind::kReshape, b.Concat({rows, rows}), {1, 1, 32}), 6));
}

// Together they have every kind of operator.
inline std::vector<NamedNetwork> NetworksOfEveryKind(uint64_t seed = 1) {
  return {{"bottleneck", BottleneckNetwork(seed)},
          {"imported", ImportedNetwork(seed)},
          {"spread", SpreadNetwork(seed)}};
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_TEST_NETWORKS_H_
