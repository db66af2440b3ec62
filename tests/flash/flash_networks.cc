#include "tests/flash/flash_networks.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/test_networks.h"
#include "tests/flash/random_network.h"

namespace niwaki::flash {
namespace {

using arch::OpKind;
using arch::TensorId;
using engine::Kernel;
using engine::KernelSet;
using engine::NetworkBuilder;

// As large as tensors of real networks are: places in the arena do not fit into short instructions.
constexpr arch::TensorShape kShape = {40, 40, 8};

TensorId Weighted(NetworkBuilder& b, Kernel kernel, TensorId x) {
  const int channels = b.shape(x).channels;
  switch (kernel) {
    case Kernel::kConvolution:
    case Kernel::kFastPointwise:
      return b.Convolution(x, channels, 1, 1);
    case Kernel::kFastWindow:
      return b.Convolution(x, channels, 3, 1);
    case Kernel::kFastLinear:
      return b.Linear(x, channels);
    case Kernel::kDepthwise:
      return b.Depthwise(x, 2 * channels, 3, 2);
    default:
      return b.Depthwise(x, channels, 3, 1);
  }
}

TensorId Moved(NetworkBuilder& b, Kernel kernel, TensorId x) {
  const arch::TensorShape shape = b.shape(x);
  switch (kernel) {
    case Kernel::kPad:
      return b.Pad(x, {1, 0, 0, 1});
    case Kernel::kCopy:
      return b.Concat({x, b.input()});
    case Kernel::kRepeat:
      return b.Plain(OpKind::kUpsample, x, {shape.height, 2 * shape.width, shape.channels});
    case Kernel::kTranspose:
      return b.Transpose(x, {1, 0, 2});
    default:
      // Only constants are copied.
      return b.Two(
          OpKind::kAdd, x,
          b.Plain(OpKind::kReshape, b.Constant({1, 1, shape.channels}), {1, 1, shape.channels}));
  }
}

TensorId Applied(NetworkBuilder& b, Kernel kernel, TensorId x) {
  const arch::TensorShape shape = b.shape(x);
  switch (kernel) {
    case Kernel::kAdd:
    case Kernel::kFastAdd:
      return b.Two(OpKind::kAdd, x, b.input());
    case Kernel::kMultiply:
    case Kernel::kFastMultiply:
      return b.Two(OpKind::kMul, x, b.input());
    case Kernel::kLookUp:
      return b.Activation(x, arch::OpActivation::kHardSwish);
    case Kernel::kRescale:
      return b.Plain(OpKind::kRescale, x, shape, {0.03F, 7});
    case Kernel::kMaxPool:
    case Kernel::kFastMaxPool:
      return b.Pool(OpKind::kMaxPool, x, 3, 1);
    case Kernel::kAveragePool:
      return b.Pool(OpKind::kAvgPool, x, 3, 1);
    case Kernel::kMean:
      return b.Two(OpKind::kAdd, b.Mean(b.input(), {false, false, true}), x);
    case Kernel::kSoftmax:
      return b.Plain(OpKind::kSoftmax, x, shape, {1.0F / 256, -128});
    case Kernel::kConvolution:
    case Kernel::kDepthwise:
    case Kernel::kDepthwiseInPlace:
    case Kernel::kFastPointwise:
    case Kernel::kFastWindow:
    case Kernel::kFastLinear:
    case Kernel::kFastDepthwise:
      return Weighted(b, kernel, x);
    default:
      return Moved(b, kernel, x);
  }
}

// As a case is made: whole by fast kernels, whole by plain ones, row by row, and so on.
FlashOptions OptionsOf(int number) {
  constexpr FlashOptions kWays[] = {
      {KernelSet::kFast, false}, {KernelSet::kPlain, false}, {KernelSet::kFast, true}};
  return kWays[number % 3];
}

// `count` random subnets of the space.
absl::Status AddSubnets(const std::string& space_name, int count, uint64_t seed,
                        std::vector<FlashCase>& cases) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace(space_name));
  Random random(seed);
  for (int i = 0; i < count; ++i) {
    const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
    cases.push_back({absl::StrCat(space_name, " of seed ", seed, ", ", i),
                     RandomNetwork(graph, seed), OptionsOf(i)});
  }
  return absl::OkStatus();
}

engine::QuantisedNetwork Convolutions(int times) {
  NetworkBuilder b(kShape, 1);
  TensorId x = b.input();
  for (int i = 0; i < times; ++i) {
    x = b.Convolution(b.Convolution(x, kShape.channels, 1, 1), kShape.channels, 3, 1);
  }
  return b.Build(x);
}

// Bottlenecks with squeeze-excite, one behind the other.
engine::QuantisedNetwork Gated(int blocks) {
  NetworkBuilder b({32, 32, 3}, 1);
  TensorId x = b.Convolution(b.input(), 16, 3, 2, arch::OpActivation::kRelu6);
  for (int i = 0; i < blocks; ++i) {
    const int channels = 48;
    const TensorId expanded =
        b.Activation(b.Convolution(x, channels, 1, 1), arch::OpActivation::kHardSwish);
    const TensorId deep = b.Depthwise(expanded, channels, i % 2 == 0 ? 3 : 5, 1);
    const TensorId pooled = b.Plain(OpKind::kGlobalAvgPool, deep, {1, 1, channels});
    const TensorId gate = b.Activation(
        b.Convolution(b.Convolution(pooled, 12, 1, 1, arch::OpActivation::kRelu), channels, 1, 1),
        arch::OpActivation::kHardSigmoid);
    x = b.Two(OpKind::kAdd, b.Convolution(b.Two(OpKind::kMul, deep, gate), 16, 1, 1), x);
  }
  return b.Build(b.Linear(b.Plain(OpKind::kGlobalAvgPool, x, {1, 1, 16}), 10));
}

bool IsFast(Kernel kernel) { return absl::StartsWith(engine::FactsOf(kernel).file, "fast/"); }

}  // namespace

engine::QuantisedNetwork RepeatedKernel(Kernel kernel, int times) {
  NIWAKI_CHECK(kernel != Kernel::kNone);
  NetworkBuilder b(kShape, 1);
  TensorId x = b.input();
  if (kernel == Kernel::kMean) x = b.Mean(x, {false, false, true});
  if (kernel == Kernel::kFastLinear) {
    x = b.Plain(OpKind::kGlobalAvgPool, x, {1, 1, kShape.channels});
  }
  for (int i = 0; i < times; ++i) x = Applied(b, kernel, x);
  return b.Build(x);
}

absl::StatusOr<std::vector<FlashCase>> FitCases() {
  constexpr uint64_t kSeed = 1;
  std::vector<FlashCase> cases;
  for (int i = 1; i < engine::kNumKernels; ++i) {
    const auto kernel = static_cast<Kernel>(i);
    const KernelSet set = IsFast(kernel) ? KernelSet::kFast : KernelSet::kPlain;
    for (const int times : {1, 2, 5}) {
      cases.push_back({absl::StrCat(engine::FactsOf(kernel).function, " x ", times),
                       RepeatedKernel(kernel, times),
                       {set, /*by_rows=*/false}});
    }
  }
  // Both without the others tell what they share from what all fast kernels share.
  for (const int times : {1, 4}) {
    cases.push_back({absl::StrCat("pointwise and 3x3 x ", times), Convolutions(times), {}});
  }
  NIWAKI_RETURN_IF_ERROR(AddSubnets("kws", 12, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddSubnets("cifar32", 12, kSeed, cases));
  for (const int blocks : {1, 3, 6}) {
    for (int way = 0; way < 3; ++way) {
      cases.push_back({absl::StrCat("gated x ", blocks), Gated(blocks), OptionsOf(way)});
    }
  }
  return cases;
}

absl::StatusOr<std::vector<FlashCase>> OtherCases() {
  constexpr uint64_t kSeed = 2;
  std::vector<FlashCase> cases;
  for (engine::NamedNetwork& named : engine::NetworksOfEveryKind(kSeed)) {
    cases.push_back({named.name, std::move(named.network), OptionsOf(cases.size())});
  }
  NIWAKI_RETURN_IF_ERROR(AddSubnets("kws", 3, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddSubnets("cifar32", 3, kSeed, cases));
  NIWAKI_RETURN_IF_ERROR(AddSubnets("mcunet", 1, kSeed, cases));
  cases.push_back({"gated x 4", Gated(4), OptionsOf(2)});
  return cases;
}

}  // namespace niwaki::flash
