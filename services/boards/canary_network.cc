#include "services/boards/canary_network.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"

namespace niwaki::boards {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;

constexpr uint64_t kSeed = 20;
constexpr float kScale = 0.05F;

class Builder {
 public:
  TensorId Tensor(TensorShape shape, engine::Quantisation quantisation) {
    network_.graph.tensors.push_back(shape);
    network_.tensors.push_back(quantisation);
    return static_cast<TensorId>(network_.graph.tensors.size()) - 1;
  }

  TensorId Weighted(OpKind kind, TensorId input, int channels, int kernel, int stride,
                    OpActivation activation) {
    const TensorShape in = network_.graph.shape(input);
    Op op;
    op.kind = kind;
    op.input = input;
    op.activation = activation;
    int64_t per_filter = in.elements();
    TensorShape out = {1, 1, channels};
    if (kind != OpKind::kLinear) {
      op.SetWindow(kernel, stride);
      out = arch::WindowOutput(in, op);
      out.channels = channels;
      per_filter = int64_t{kernel} * kernel * (kind == OpKind::kConv2d ? in.channels : 1);
    }
    op.output = Tensor(out, {kScale, -20});
    AddWeights(op, per_filter, channels);
    return Push(op);
  }

  TensorId Push(const Op& op) {
    network_.graph.ops.push_back(op);
    return op.output;
  }

  const TensorShape& shape(TensorId id) const { return network_.graph.shape(id); }

  engine::QuantisedNetwork Build(TensorId input, TensorId output) {
    network_.graph.input = input;
    network_.graph.output = output;
    return std::move(network_);
  }

 private:
  // Scales are such that sums of random products use the range of int8.
  void AddWeights(Op& op, int64_t per_filter, int channels) {
    constexpr float kDeviation = 73;
    constexpr float kWanted = 40;
    const float sums = kDeviation * kDeviation * std::sqrt(static_cast<float>(per_filter));
    engine::QuantisedWeight weight;
    for (int64_t i = 0; i < per_filter * channels; ++i) {
      weight.values.push_back(static_cast<int8_t>(static_cast<int>(random_.Uniform(255)) - 127));
    }
    for (int c = 0; c < channels; ++c) {
      weight.scales.push_back(kWanted * kScale / (sums * network_.tensors[op.input].scale));
      weight.biases.push_back(static_cast<int32_t>(random_.Uniform(2001)) - 1000);
    }
    op.bias = true;
    op.weight = static_cast<int32_t>(network_.weights.size());
    network_.graph.weights.push_back(
        {arch::WeightRole::kImported, -1, static_cast<int16_t>(network_.graph.ops.size())});
    network_.weights.push_back(std::move(weight));
  }

  Random random_{kSeed};
  engine::QuantisedNetwork network_;
};

}  // namespace

engine::QuantisedNetwork CanaryNetwork() {
  Builder b;
  const TensorId input = b.Tensor({16, 16, 3}, {kScale, -3});
  const TensorId stem = b.Weighted(OpKind::kConv2d, input, 8, 3, 2, OpActivation::kRelu6);
  const TensorId expand = b.Weighted(OpKind::kConv2d, stem, 24, 1, 1, OpActivation::kRelu);
  const TensorId depthwise =
      b.Weighted(OpKind::kDepthwiseConv2d, expand, 24, 3, 1, OpActivation::kRelu);
  const TensorId project = b.Weighted(OpKind::kConv2d, depthwise, 8, 1, 1, OpActivation::kNone);
  Op add;
  add.kind = OpKind::kAdd;
  add.input = project;
  add.second_input = stem;
  add.output = b.Tensor(b.shape(project), {2 * kScale, 4});
  const TensorId sum = b.Push(add);
  Op pool;
  pool.kind = OpKind::kGlobalAvgPool;
  pool.input = sum;
  pool.output = b.Tensor({1, 1, b.shape(sum).channels}, {2 * kScale, 4});
  const TensorId pooled = b.Push(pool);
  return b.Build(input, b.Weighted(OpKind::kLinear, pooled, 8, 1, 1, OpActivation::kNone));
}

}  // namespace niwaki::boards
