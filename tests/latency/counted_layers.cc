#include "tests/latency/counted_layers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/zoo_nets.h"
#include "tests/flash/random_network.h"

namespace niwaki::latency {
namespace {

using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;
using engine::NetworkBuilder;
using engine::QuantisedNetwork;

constexpr int kClasses = 10;

bool IsClamped(const arch::Op& op) {
  return op.activation == OpActivation::kRelu || op.activation == OpActivation::kRelu6;
}

// Scales as in a trained network, also of one that NetworkBuilder made.
QuantisedNetwork WithTrainedScales(QuantisedNetwork network) {
  constexpr engine::Quantisation kClamped = {6.0F / 255, -128};
  constexpr engine::Quantisation kSum = {0.09F, -5};
  // No two operands of a sum have one scale.
  constexpr int kScales = 7;
  for (const arch::Op& op : network.graph.ops) {
    if (op.weight >= 0) {
      const float more = 0.02F * static_cast<float>(op.output % kScales);
      network.tensors[op.output] = {0.05F + 0.05F * more, -3};
    }
    if (op.kind == OpKind::kAdd) network.tensors[op.output] = kSum;
    if (IsClamped(op)) network.tensors[op.output] = kClamped;
    const bool pools = op.kind == OpKind::kMaxPool || op.kind == OpKind::kAvgPool ||
                       op.kind == OpKind::kGlobalAvgPool;
    if (pools) network.tensors[op.output] = network.tensors[op.input];
  }
  return network;
}

// Clamps the outputs of the operators of `kind` but the last one.
QuantisedNetwork WithClamps(QuantisedNetwork network, OpKind kind) {
  arch::Op* last = nullptr;
  for (arch::Op& op : network.graph.ops) {
    if (op.kind != kind) continue;
    if (last != nullptr) last->activation = OpActivation::kRelu;
    last = &op;
  }
  return network;
}

QuantisedNetwork WithLinearDepthwise(QuantisedNetwork network) {
  for (arch::Op& op : network.graph.ops) {
    if (op.kind == OpKind::kDepthwiseConv2d) op.activation = OpActivation::kNone;
  }
  return network;
}

absl::Status AddSubnets(const std::string& name, int count, uint64_t seed,
                        std::vector<CountedCase>& cases) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(name));
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
    cases.push_back({absl::StrCat(name, " ", seed, ".", i), LikeTrained(graph, seed)});
  }
  return absl::OkStatus();
}

// Blocks with squeeze-excite and hard-swish: kernels of 3, 5 and 7 in turn, the map halved and the
// channels grown in every third block.
QuantisedNetwork Gated(int side, int width, int blocks) {
  NetworkBuilder b({side, side, 3}, 1);
  TensorId x = b.Activation(b.Convolution(b.input(), width, 3, 2), OpActivation::kHardSwish);
  for (int i = 0; i < blocks; ++i) {
    const int channels = b.shape(x).channels;
    const int expanded = channels * (3 + i % 3);
    const int stride = i % 3 == 2 ? 2 : 1;
    const TensorId wide = b.Activation(b.Convolution(x, expanded, 1, 1), OpActivation::kHardSwish);
    const TensorId deep = b.Depthwise(wide, expanded, 3 + 2 * (i % 3), stride);
    const TensorId pooled = b.Plain(OpKind::kGlobalAvgPool, deep, {1, 1, expanded});
    const TensorId gate =
        b.Activation(b.Convolution(b.Convolution(pooled, expanded / 4, 1, 1, OpActivation::kRelu),
                                   expanded, 1, 1),
                     OpActivation::kHardSigmoid);
    const int out = stride == 2 ? channels * 3 / 2 / 8 * 8 + 8 : channels;
    const TensorId projected = b.Convolution(b.Two(OpKind::kMul, deep, gate), out, 1, 1);
    x = stride == 2 ? projected : b.Two(OpKind::kAdd, projected, x);
  }
  const TensorId pooled = b.Plain(OpKind::kGlobalAvgPool, x, {1, 1, b.shape(x).channels});
  return WithTrainedScales(WithLinearDepthwise(b.Build(b.Linear(pooled, kClasses))));
}

// Residual blocks of two 3x3 convolutions, pools between them.
QuantisedNetwork Residual(int side, int width, int stages) {
  NetworkBuilder b({side, side, 3}, 2);
  TensorId x = b.Convolution(b.input(), width, 3, 1, OpActivation::kRelu);
  for (int stage = 0; stage < stages; ++stage) {
    const int channels = width << stage;
    const int stride = stage == 0 ? 1 : 2;
    const TensorId first = b.Convolution(x, channels, 3, stride, OpActivation::kRelu);
    const TensorId second = b.Convolution(first, channels, 3, 1);
    const TensorId shortcut = stage == 0 ? x : b.Convolution(x, channels, 1, stride);
    x = b.Two(OpKind::kAdd, second, shortcut);
  }
  x = b.Pool(OpKind::kMaxPool, x, 3, 1);
  x = b.Pool(OpKind::kAvgPool, x, 3, 2);
  x = b.Pool(OpKind::kMaxPool, x, 2, 2);
  const TensorId pooled = b.Plain(OpKind::kGlobalAvgPool, x, {1, 1, b.shape(x).channels});
  const TensorId shares =
      b.Plain(OpKind::kSoftmax, b.Linear(pooled, kClasses), {1, 1, kClasses}, {1.0F / 256, -128});
  return WithTrainedScales(WithClamps(b.Build(shares), OpKind::kAdd));
}

// Fully connected layers, as an autoencoder has them.
QuantisedNetwork Dense(int inputs, int width, bool clamped) {
  NetworkBuilder b({1, 1, inputs}, 3);
  TensorId x = b.Linear(b.input(), width);
  x = b.Linear(b.Linear(x, width / 2), 8);
  x = b.Linear(b.Linear(x, width), kClasses);
  QuantisedNetwork network = b.Build(b.Linear(x, inputs));
  if (clamped) network = WithClamps(std::move(network), OpKind::kLinear);
  return WithTrainedScales(std::move(network));
}

// Large windows with and without clamps on maps and channels as they come in spaces: few subnets
// have them all.
QuantisedNetwork Windows(int side, int channels, bool clamped) {
  NetworkBuilder b({side, side, channels}, 4);
  TensorId x = b.input();
  for (const int kernel : {3, 5, 7}) {
    x = b.Depthwise(x, channels, kernel, 1);
    x = b.Convolution(x, channels + 8, 1, 1, OpActivation::kRelu);
    x = b.Convolution(x, channels, 1, 1);
  }
  for (const int kernel : {3, 5, 7}) {
    b.Depthwise(x, channels, kernel, 2);
    b.Convolution(x, 8, kernel, 2, OpActivation::kRelu);
    b.Convolution(x, 12, 1, 2);
    if (kernel < 7) b.Convolution(x, 16, kernel, 1, OpActivation::kRelu);
  }
  const TensorId last = b.Convolution(x, 16, 3, 1);
  QuantisedNetwork network = b.Build(last);
  if (!clamped) network = WithLinearDepthwise(std::move(network));
  return WithTrainedScales(std::move(network));
}

// What only imported networks have.
QuantisedNetwork Imported(int side, int channels) {
  NetworkBuilder b({side, side, channels}, 5);
  const TensorId padded = b.Pad(b.input(), {1, 1, 1, 1});
  const TensorId joined = b.Concat({padded, padded});
  const arch::TensorShape shape = b.shape(joined);
  const TensorId large =
      b.Plain(OpKind::kUpsample, joined, {2 * shape.height, 2 * shape.width, shape.channels});
  const TensorId turned = b.Transpose(large, {1, 2, 0});
  const TensorId swished = b.Activation(turned, OpActivation::kHardSwish);
  const TensorId logistic = b.Activation(swished, OpActivation::kLogistic);
  const arch::TensorShape full = b.shape(logistic);
  const TensorId rescaled = b.Plain(OpKind::kRescale, logistic, full, {0.03F, 7});
  const TensorId softmax = b.Plain(OpKind::kSoftmax, rescaled, full, {1.0F / 256, -128});
  const TensorId mean = b.Mean(softmax, {true, true, false});
  const arch::TensorShape flat = {1, 1, b.shape(mean).channels};
  return b.Build(b.Linear(b.Plain(OpKind::kReshape, mean, flat), kClasses));
}

absl::Status AddZoo(const std::string& name, const absl::StatusOr<arch::Graph>& graph,
                    std::vector<CountedCase>& cases) {
  NIWAKI_RETURN_IF_ERROR(graph.status());
  cases.push_back({name, LikeTrained(*graph, 1)});
  return absl::OkStatus();
}

}  // namespace

QuantisedNetwork LikeTrained(const arch::Graph& graph, uint64_t seed) {
  return WithTrainedScales(flash::RandomNetwork(graph, seed));
}

absl::StatusOr<std::vector<CountedCase>> FitCases() {
  constexpr uint64_t kSeed = 1;
  std::vector<CountedCase> cases;
  NIWAKI_RETURN_IF_ERROR(AddSubnets("kws", 3, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddSubnets("cifar32", 3, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddSubnets("mcunet", 1, kSeed, cases));
  cases.push_back({"gated 64", Gated(64, 16, 6)});
  cases.push_back({"gated 40", Gated(40, 24, 8)});
  cases.push_back({"residual 32", Residual(32, 16, 3)});
  cases.push_back({"residual 20", Residual(20, 12, 3)});
  for (const bool clamped : {false, true}) {
    const char* const name = clamped ? ", clamped" : "";
    cases.push_back({absl::StrCat("dense 640", name), Dense(640, 128, clamped)});
  }
  for (const auto& [side, channels] : std::vector<std::pair<int, int>>{
           {64, 8}, {33, 24}, {24, 40}, {14, 56}, {10, 96}, {5, 160}}) {
    const bool clamped = cases.size() % 2 == 0;
    cases.push_back({absl::StrCat("windows ", side), Windows(side, channels, clamped)});
  }
  cases.push_back({"imported 20", Imported(20, 8)});
  cases.push_back({"imported 9", Imported(9, 24)});
  return cases;
}

absl::StatusOr<std::vector<CountedCase>> HeldOutCases() {
  constexpr uint64_t kSeed = 2;
  std::vector<CountedCase> cases;
  NIWAKI_RETURN_IF_ERROR(AddSubnets("kws", 2, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddSubnets("cifar32", 2, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddSubnets("mcunet", 1, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddZoo("mobilenet v1 0.25 96", engine::MobileNetV1(96, 0.25, 2), cases));
  NIWAKI_RETURN_IF_ERROR(AddZoo("proxyless 0.3 64", engine::ProxylessW03(64), cases));
  return cases;
}

}  // namespace niwaki::latency
