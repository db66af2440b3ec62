#include "services/worker/fake_network.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/digest.h"
#include "libs/interchange/small_networks.h"

namespace niwaki::worker {
namespace {

constexpr int kChannels = 8;
// Scale of every tensor.
constexpr float kScale = 1.0F / 32;

// Of weights whose random products, `terms` at a time, use the range of int8.
std::vector<float> ScalesFor(int terms) {
  constexpr float kDeviation = 73;
  constexpr float kWanted = 40;
  const float scale = kWanted / (kDeviation * kDeviation * std::sqrt(static_cast<float>(terms)));
  return std::vector<float>(kChannels, scale);
}

}  // namespace

engine::QuantisedNetwork FakeNetwork(const std::string& subnet_json) {
  using arch::OpKind;
  const uint64_t seed = FingerprintOf(subnet_json.data(), subnet_json.size()).low;
  const engine::Quantisation quantisation = {kScale, -3};
  engine::QuantisedNetwork network =
      interchange::NetworkOf(OpKind::kConv2d, {16, 16, 1}, {8, 8, kChannels});
  network.graph.ops[0].SetWindow(3, 2);
  network.graph.ops[0].activation = arch::OpActivation::kRelu;
  interchange::AddRandomWeights(network, ScalesFor(9), seed);
  interchange::Append(network, OpKind::kDepthwiseConv2d, {8, 8, kChannels}, quantisation)
      .SetWindow(3, 1);
  interchange::AddRandomWeights(network, ScalesFor(9), seed + 1);
  interchange::Append(network, OpKind::kGlobalAvgPool, {1, 1, kChannels}, quantisation);
  interchange::Append(network, OpKind::kLinear, {1, 1, kChannels}, quantisation);
  interchange::AddRandomWeights(network, ScalesFor(kChannels), seed + 2);
  return network;
}

}  // namespace niwaki::worker
