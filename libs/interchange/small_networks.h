// Quantised networks of one operator for tests of the writer: every kind, with random levels.

#ifndef NIWAKI_LIBS_INTERCHANGE_SMALL_NETWORKS_H_
#define NIWAKI_LIBS_INTERCHANGE_SMALL_NETWORKS_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::interchange {

inline std::vector<int8_t> RandomLevels(Random& random, int64_t size) {
  std::vector<int8_t> levels(size);
  for (int8_t& level : levels) level = static_cast<int8_t>(random.Next());
  return levels;
}

// One operator of `kind`, both tensors at scale 1/32 and zero point -3.
inline engine::QuantisedNetwork NetworkOf(arch::OpKind kind, const arch::TensorShape& in,
                                          const arch::TensorShape& out) {
  engine::QuantisedNetwork network;
  network.graph.tensors = {in, out};
  network.tensors = {{1.0F / 32, -3}, {1.0F / 32, -3}};
  arch::Op op;
  op.kind = kind;
  op.input = 0;
  op.output = 1;
  network.graph.ops = {op};
  network.graph.output = 1;
  return network;
}

// Gives the last operator random weights with `scales`, one or one a channel.
inline void AddRandomWeights(engine::QuantisedNetwork& network, std::vector<float> scales,
                             uint64_t seed) {
  Random random(seed);
  arch::Op& op = network.graph.ops.back();
  op.weight = static_cast<int32_t>(network.weights.size());
  op.bias = true;
  int64_t values = 1;
  for (const int64_t size : arch::WeightShape(network.graph, op)) values *= size;
  engine::QuantisedWeight weight;
  weight.values = RandomLevels(random, values);
  weight.scales = std::move(scales);
  for (int c = 0; c < network.graph.shape(op.output).channels; ++c) {
    weight.biases.push_back(static_cast<int32_t>(random.Uniform(4001)) - 2000);
  }
  network.graph.weights.push_back({arch::WeightRole::kImported, -1, 0});
  network.weights.push_back(std::move(weight));
}

// Behind the last operator one of `kind` with an output of `shape` and `quantisation`.
inline arch::Op& Append(engine::QuantisedNetwork& network, arch::OpKind kind,
                        const arch::TensorShape& shape, const engine::Quantisation& quantisation) {
  arch::Op op;
  op.kind = kind;
  op.input = network.graph.output;
  op.output = static_cast<arch::TensorId>(network.graph.tensors.size());
  network.graph.tensors.push_back(shape);
  network.tensors.push_back(quantisation);
  network.graph.output = op.output;
  network.graph.ops.push_back(op);
  return network.graph.ops.back();
}

// A convolution (or its depthwise kin) with square windows and one scale a channel.
inline engine::QuantisedNetwork WindowNetwork(arch::OpKind kind, const arch::TensorShape& in,
                                              const arch::TensorShape& out, int kernel, int stride,
                                              const arch::Padding& padding) {
  engine::QuantisedNetwork network = NetworkOf(kind, in, out);
  arch::Op& op = network.graph.ops[0];
  op.kernel_h = op.kernel_w = static_cast<uint16_t>(kernel);
  op.stride_h = op.stride_w = static_cast<uint16_t>(stride);
  op.padding = padding;
  if (arch::FactsOf(kind).weight != arch::WeightForm::kNone) {
    std::vector<float> scales(out.channels);
    for (int c = 0; c < out.channels; ++c) scales[c] = 0.002F + 0.001F * static_cast<float>(c);
    AddRandomWeights(network, std::move(scales), 7);
  }
  return network;
}

// A squeeze-excite block and a classifier as a quantiser makes them: pool, two gates, hard-swish,
// hard-sigmoid, product, sum, linear layer, softmax.
inline engine::QuantisedNetwork SqueezeExciteNetwork() {
  using arch::OpKind;
  const engine::Quantisation unit = {1.0F / 256, -128};
  engine::QuantisedNetwork network =
      WindowNetwork(OpKind::kConv2d, {8, 8, 3}, {4, 4, 8}, 3, 2, {1, 1, 1, 1});
  Append(network, OpKind::kActivation, {4, 4, 8}, {1.0F / 20, -100}).activation =
      arch::OpActivation::kHardSwish;
  const arch::TensorId gated = network.graph.output;
  Append(network, OpKind::kGlobalAvgPool, {1, 1, 8}, {1.0F / 20, -100});
  Append(network, OpKind::kConv2d, {1, 1, 4}, {1.0F / 40, -128}).activation =
      arch::OpActivation::kRelu;
  AddRandomWeights(network, {0.01F, 0.02F, 0.003F, 0.004F}, 8);
  Append(network, OpKind::kConv2d, {1, 1, 8}, {1.0F / 30, 5});
  AddRandomWeights(network, std::vector<float>(8, 0.01F), 9);
  Append(network, OpKind::kActivation, {1, 1, 8}, unit).activation =
      arch::OpActivation::kHardSigmoid;
  const arch::TensorId gate = network.graph.output;
  arch::Op& product = Append(network, OpKind::kMul, {4, 4, 8}, {1.0F / 25, -90});
  product.input = gated;
  product.second_input = gate;
  arch::Op& sum = Append(network, OpKind::kAdd, {4, 4, 8}, {1.0F / 12, -80});
  sum.second_input = gated;
  sum.activation = arch::OpActivation::kRelu6;
  Append(network, OpKind::kGlobalAvgPool, {1, 1, 8}, {1.0F / 12, -80});
  Append(network, OpKind::kLinear, {1, 1, 5}, {1.0F / 10, 3});
  AddRandomWeights(network, std::vector<float>(5, 0.013F), 10);
  Append(network, OpKind::kSoftmax, {1, 1, 5}, unit);
  return network;
}

// One network for each kind of operator, and each way in which it can be written.
inline std::vector<std::pair<std::string, engine::QuantisedNetwork>> SmallNetworks() {
  using arch::OpKind;
  std::vector<std::pair<std::string, engine::QuantisedNetwork>> all;
  const auto add = [&all](const std::string& name, const engine::QuantisedNetwork& network) {
    all.emplace_back(name, network);
  };
  const auto window = [&](const std::string& name, OpKind kind, arch::TensorShape in,
                          arch::TensorShape out, int kernel, int stride, arch::Padding padding) {
    add(name, WindowNetwork(kind, in, out, kernel, stride, padding));
  };
  window("conv valid", OpKind::kConv2d, {7, 9, 3}, {5, 7, 4}, 3, 1, {});
  window("conv same", OpKind::kConv2d, {7, 9, 3}, {7, 9, 4}, 3, 1, {1, 1, 1, 1});
  window("conv same, stride 2", OpKind::kConv2d, {8, 8, 3}, {4, 4, 4}, 3, 2, {0, 1, 0, 1});
  window("conv padded by halves", OpKind::kConv2d, {8, 8, 3}, {4, 4, 4}, 3, 2, {1, 1, 1, 1});
  window("conv padded on one side", OpKind::kConv2d, {4, 4, 2}, {7, 7, 1}, 3, 1, {5, 0, 0, 5});
  window("depthwise same", OpKind::kDepthwiseConv2d, {6, 6, 5}, {6, 6, 5}, 5, 1, {2, 2, 2, 2});
  window("depthwise, two filters a channel", OpKind::kDepthwiseConv2d, {6, 6, 3}, {3, 3, 6}, 3, 2,
         {1, 0, 1, 0});
  window("max pool", OpKind::kMaxPool, {6, 6, 5}, {3, 3, 5}, 2, 2, {});
  window("average pool", OpKind::kAvgPool, {5, 5, 5}, {3, 3, 5}, 2, 2, {0, 1, 0, 1});
  window("average pool of the whole", OpKind::kAvgPool, {5, 5, 5}, {1, 1, 5}, 5, 5, {});
  add("global pool", NetworkOf(OpKind::kGlobalAvgPool, {5, 7, 3}, {1, 1, 3}));
  engine::QuantisedNetwork network =
      WindowNetwork(OpKind::kMaxPool, {8, 8, 2}, {4, 4, 2}, 3, 2, {1, 1, 1, 1});
  network.tensors = {{1.0F / 32, -128}, {1.0F / 32, -128}};
  add("max pool padded by halves", network);

  network = NetworkOf(OpKind::kLinear, {1, 1, 9}, {1, 1, 4});
  AddRandomWeights(network, {0.004F}, 1);
  add("linear, one scale", network);
  Append(network, OpKind::kReshape, {2, 2, 1}, network.tensors[1]);
  add("linear and reshape", network);
  network = NetworkOf(OpKind::kLinear, {1, 1, 9}, {1, 1, 4});
  AddRandomWeights(network, {0.004F, 0.0F, 0.002F, -0.001F}, 2);
  Append(network, OpKind::kPad, {2, 1, 4}, network.tensors[1]).padding = {0, 1, 0, 0};
  add("linear, a scale a channel, and pad", network);

  network = NetworkOf(OpKind::kAdd, {3, 3, 4}, {3, 3, 4});
  network.graph.ops[0].second_input = 2;
  network.graph.tensors.push_back({1, 1, 4});
  network.tensors.push_back({1.0F / 50, 9});
  network.constants[2] = {-100, 3, 50, 127};
  add("add of a constant pixel", network);
  network.graph.ops[0].kind = OpKind::kMul;
  network.tensors[1] = {1.0F / 2000, 0};
  add("mul beyond the output's scale", network);
  network.graph.ops[0].second_input = 0;
  network.constants.clear();
  add("square", network);

  network = NetworkOf(OpKind::kConcat, {2, 3, 2}, {2, 3, 5});
  network.graph.ops[0].input = -1;
  network.graph.ops[0].extra = 0;
  network.graph.tensors.push_back({2, 3, 1});
  network.tensors.push_back(network.tensors[0]);
  network.constants[2] = {1, 2, 3, 4, 5, 6};
  network.graph.extras.resize(1);
  network.graph.extras[0].inputs = {0, 2, 0};
  add("concat", network);
  network = NetworkOf(OpKind::kTranspose, {2, 3, 4}, {4, 2, 3});
  network.graph.ops[0].extra = 0;
  network.graph.extras.resize(1);
  network.graph.extras[0].order = {2, 0, 1};
  add("transpose", network);
  const auto mean = [&](const std::string& name, const std::array<bool, 3>& axes,
                        const arch::TensorShape& out) {
    network = NetworkOf(OpKind::kMean, {4, 3, 2}, out);
    network.tensors[1] = {1.0F / 40, 10};
    network.graph.ops[0].extra = 0;
    network.graph.extras.resize(1);
    network.graph.extras[0].axes = axes;
    add(name, network);
  };
  mean("mean of pixels", {true, true, false}, {1, 1, 2});
  mean("mean of rows", {true, false, false}, {1, 3, 2});
  mean("mean of channels", {false, false, true}, {4, 3, 1});
  mean("mean of another shape", {false, true, false}, {1, 4, 2});
  add("pad", NetworkOf(OpKind::kPad, {2, 2, 3}, {5, 4, 3}));
  all.back().second.graph.ops[0].padding = {1, 2, 2, 0};
  add("upsample", NetworkOf(OpKind::kUpsample, {2, 3, 2}, {4, 9, 2}));
  add("reshape", NetworkOf(OpKind::kReshape, {2, 3, 2}, {1, 4, 3}));
  add("rescale", NetworkOf(OpKind::kRescale, {2, 3, 2}, {2, 3, 2}));
  all.back().second.tensors[1] = {1.0F / 15, 20};
  add("softmax", NetworkOf(OpKind::kSoftmax, {2, 1, 6}, {2, 1, 6}));
  all.back().second.tensors[1] = {1.0F / 256, -128};
  for (int i = 0; i < arch::kNumOpActivations; ++i) {
    const auto activation = static_cast<arch::OpActivation>(i);
    network = NetworkOf(OpKind::kActivation, {8, 8, 4}, {8, 8, 4});
    network.graph.ops[0].activation = activation;
    network.tensors[1] = {1.0F / 256, -128};
    add("activation " + std::string(arch::OpActivationName(activation)), network);
  }
  network = WindowNetwork(OpKind::kConv2d, {3, 3, 2}, {3, 3, 2}, 1, 1, {});
  Append(network, OpKind::kDequantize, {3, 3, 2}, {});
  arch::Op& first = Append(network, OpKind::kQuantize, {3, 3, 2}, {});
  first.input = first.output;
  first.output = 0;
  std::swap(network.graph.ops[0], network.graph.ops[2]);
  std::swap(network.graph.ops[1], network.graph.ops[2]);
  network.graph.input = network.graph.output;
  network.graph.output = network.graph.output - 1;
  add("float at both ends", network);
  add("squeeze-excite", SqueezeExciteNetwork());
  return all;
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_SMALL_NETWORKS_H_
