// Small float networks and examples for tests.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_TEST_FLOAT_NETWORK_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_TEST_FLOAT_NETWORK_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"
#include "libs/engine/quantise/examples.h"
#include "libs/engine/quantise/float_network.h"

namespace niwaki::engine {

// Appends operators to a network that reads `input`.
class FloatNetworkBuilder {
 public:
  explicit FloatNetworkBuilder(arch::TensorShape input) { network_.graph.tensors = {input}; }

  // A convolution with a square kernel and half a kernel of padding.
  FloatNetworkBuilder& Conv(int channels, int kernel, arch::OpActivation activation,
                            FloatWeight weight, arch::OpKind kind = arch::OpKind::kConv2d) {
    arch::Op op;
    op.kind = kind;
    op.activation = activation;
    op.bias = !weight.bias.empty();
    op.batch_norm = !weight.norm_scale.empty();
    op.SetWindow(kernel, 1);
    op.weight = static_cast<int32_t>(network_.weights.size());
    network_.graph.weights.push_back({arch::WeightRole::kImported, -1, 0});
    network_.weights.push_back(std::move(weight));
    arch::TensorShape shape = network_.graph.tensors.back();
    shape.channels = channels;
    return Append(op, shape);
  }

  FloatNetworkBuilder& Depthwise(int kernel, arch::OpActivation activation, FloatWeight weight) {
    return Conv(network_.graph.tensors.back().channels, kernel, activation, std::move(weight),
                arch::OpKind::kDepthwiseConv2d);
  }

  FloatNetworkBuilder& Pool() {
    arch::Op op;
    op.kind = arch::OpKind::kGlobalAvgPool;
    return Append(op, {1, 1, network_.graph.tensors.back().channels});
  }

  // The current tensor and `second`.
  FloatNetworkBuilder& Binary(arch::OpKind kind, arch::TensorId second) {
    arch::Op op;
    op.kind = kind;
    op.second_input = second;
    return Append(op, arch::TensorShape(network_.graph.tensors.back()));
  }

  // The current tensor's id.
  arch::TensorId current() const {
    return static_cast<arch::TensorId>(network_.graph.tensors.size()) - 1;
  }

  FloatNetwork Build() {
    network_.graph.output = current();
    return network_;
  }

 private:
  FloatNetworkBuilder& Append(arch::Op op, arch::TensorShape shape) {
    op.input = current();
    network_.graph.tensors.push_back(shape);
    op.output = current();
    network_.graph.ops.push_back(op);
    return *this;
  }

  FloatNetwork network_;
};

inline std::vector<float> RandomValues(Random& random, int64_t count, double deviation = 1) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(deviation * random.Normal());
  return values;
}

// `count` weights, and a batch norm of `channels` whose channels differ much in size.
inline FloatWeight RandomWeight(Random& random, int64_t count, int channels, double deviation) {
  FloatWeight weight;
  weight.values = RandomValues(random, count, deviation);
  for (int c = 0; c < channels; ++c) {
    weight.norm_scale.push_back(static_cast<float>(0.05 + 2 * random.UniformDouble()));
    weight.norm_variance.push_back(static_cast<float>(0.5 + random.UniformDouble()));
  }
  weight.norm_shift = RandomValues(random, channels, 0.3);
  weight.norm_mean = RandomValues(random, channels, 0.3);
  return weight;
}

// An inverted bottleneck with a gate and a shortcut, a pool and a classifier of five classes: 8x8x3
// in.
inline FloatNetwork RandomNetwork(uint64_t seed, arch::OpActivation activation) {
  Random random(seed);
  FloatNetworkBuilder builder({8, 8, 3});
  builder.Conv(6, 3, activation, RandomWeight(random, 6 * 9 * 3, 6, 0.3));
  const arch::TensorId block = builder.current();
  builder.Conv(18, 1, activation, RandomWeight(random, 18 * 6, 18, 0.5));
  builder.Depthwise(5, activation, RandomWeight(random, 25 * 18, 18, 0.3));
  builder.Conv(6, 1, arch::OpActivation::kNone, RandomWeight(random, 6 * 18, 6, 0.4));
  builder.Binary(arch::OpKind::kAdd, block);
  builder.Pool();
  FloatWeight classifier;
  classifier.values = RandomValues(random, 5 * 6);
  classifier.bias = RandomValues(random, 5, 0.2);
  builder.Conv(5, 1, arch::OpActivation::kNone, classifier, arch::OpKind::kLinear);
  return builder.Build();
}

inline Examples ExamplesFrom(arch::TensorShape shape, std::vector<std::vector<float>> values) {
  Examples examples;
  examples.shape = shape;
  examples.count = static_cast<int64_t>(values.size());
  examples.read = [values = std::move(values)](int64_t index, absl::Span<float> to) {
    std::copy(values[index].begin(), values[index].end(), to.begin());
    return absl::OkStatus();
  };
  return examples;
}

inline Examples RandomExamples(uint64_t seed, arch::TensorShape shape, int64_t count) {
  Random random(seed);
  std::vector<std::vector<float>> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(RandomValues(random, shape.elements()));
  return ExamplesFrom(shape, std::move(values));
}

// On `threads` threads, each taking the next item from the end.
inline Loop Backwards(int threads) {
  return [threads](int64_t n, const std::function<absl::Status(int64_t)>& body) {
    std::atomic<int64_t> left = n;
    std::vector<std::thread> workers;
    std::vector<absl::Status> results(threads);
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        for (int64_t i = --left; i >= 0; i = --left) results[t].Update(body(i));
      });
    }
    for (std::thread& worker : workers) worker.join();
    absl::Status result;
    for (const absl::Status& status : results) result.Update(status);
    return result;
  };
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_TEST_FLOAT_NETWORK_H_
