#include "tests/flash/random_network.h"

#include <cmath>
#include <utility>

#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"
#include "libs/engine/floats/float_network.h"
#include "libs/engine/floats/split_activations.h"

namespace niwaki::flash {
namespace {

using arch::Op;
using arch::OpActivation;
using engine::Quantisation;
using engine::QuantisedNetwork;
using engine::QuantisedWeight;

constexpr Quantisation kTensor = {0.05F, -3};
constexpr Quantisation kShare = {1.0F / 256, -128};

QuantisedWeight WeightOf(const arch::Graph& graph, const Op& op, Random& random) {
  // Sums of random levels, as deviations: what the output should have, and what one product has.
  constexpr double kWanted = 40;
  constexpr double kProduct = 73.0 * 73.0;
  // Of a random level: they lie between -127 and 127.
  constexpr int kLevels = 255;
  const int channels = engine::OutputChannels(graph, op);
  QuantisedWeight weight;
  weight.values.resize(arch::ParamsOf(graph, op));
  for (int8_t& value : weight.values) {
    value = static_cast<int8_t>(static_cast<int>(random.Uniform(kLevels)) - 127);
  }
  const double terms = static_cast<double>(weight.values.size()) / channels;
  const double scale = kWanted / (kProduct * std::sqrt(terms));
  for (int channel = 0; channel < channels; ++channel) {
    weight.scales.push_back(static_cast<float>(scale * (0.5 + random.UniformDouble())));
    weight.biases.push_back(static_cast<int32_t>(random.Uniform(2001)) - 1000);
  }
  return weight;
}

}  // namespace

QuantisedNetwork RandomNetwork(const arch::Graph& graph, uint64_t seed) {
  engine::FloatNetwork floats;
  floats.graph = graph;
  QuantisedNetwork network;
  network.graph = engine::SplitActivations(std::move(floats)).graph;
  network.tensors.assign(network.graph.tensors.size(), kTensor);
  network.weights.resize(network.graph.weights.size());
  Random random(seed);
  for (Op& op : network.graph.ops) {
    if (op.activation == OpActivation::kHardSigmoid || op.activation == OpActivation::kLogistic) {
      network.tensors[op.output] = kShare;
    }
    if (op.weight < 0) continue;
    op.batch_norm = false;
    op.bias = false;
    network.weights[op.weight] = WeightOf(network.graph, op, random);
    op.bias = true;
  }
  return network;
}

}  // namespace niwaki::flash
