// Operators in float32 whose results are the same on every machine: each output is the sum of its
// terms in one fixed order, multiplication and addition are rounded apart (the library is compiled
// with -ffp-contract=off), and nothing of libm is used but square roots, which IEEE 754 rounds
// exactly.
//
// Tensors are height x width x channels with channels innermost.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_OPERATORS_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_OPERATORS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/quantise/float_network.h"

namespace niwaki::engine {

// Weights of a convolution or linear layer in the order in which they are read.
class PackedWeight {
 public:
  PackedWeight() = default;
  // `op` has weights.
  PackedWeight(const arch::Graph& graph, const arch::Op& op, const FloatWeight& weight);

  // Output channels that are computed together.
  static constexpr int kLanes = 8;

  // The kernels of kLanes output channels from `first_channel` on: taps x Ci x kLanes, 0 beyond
  // the last channel.
  const float* block(int first_channel) const {
    return values_.data() + int64_t{first_channel} * terms_;
  }
  // [Co] and zeros up to a multiple of kLanes.
  const float* bias() const { return bias_.data(); }
  // Depthwise: [kernel_h, kernel_w, Co].
  const float* planes() const { return values_.data(); }

 private:
  int64_t terms_ = 0;
  std::vector<float> values_;
  std::vector<float> bias_;
};

// Bias first, then taps by row and column, of each the input channels in order; padding is 0 and
// counts as such.
void Convolve(const arch::Graph& graph, const arch::Op& op, const PackedWeight& weight,
              absl::Span<const float> input, absl::Span<float> output);
void ConvolveDepthwise(const arch::Graph& graph, const arch::Op& op, const PackedWeight& weight,
                       absl::Span<const float> input, absl::Span<float> output);

// kMaxPool, kAvgPool (padding does not count) and kGlobalAvgPool.
void Pool(const arch::Graph& graph, const arch::Op& op, absl::Span<const float> input,
          absl::Span<float> output);

// kAdd and kMul; a second operand of [1, 1, C] holds for every pixel.
void Combine(arch::OpKind kind, absl::Span<const float> first, absl::Span<const float> second,
             absl::Span<float> output);

// Over the channels of each pixel.
void Softmax(int channels, absl::Span<const float> input, absl::Span<float> output);

// In place.
void Activate(arch::OpActivation activation, absl::Span<float> values);

// e^x, to a unit in the last place or two.
double Exponential(double x);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_FLOAT_OPERATORS_H_
