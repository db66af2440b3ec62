#include "libs/engine/quantise/equalise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;

float Magnitude(const Range& range) { return std::max(std::abs(range.low), std::abs(range.high)); }

// How a weight's elements belong to one of its channels: `outer` times, `inner` of them with steps
// of 1 from `first`, the outer ones `step` apart.
struct Slice {
  int64_t first = 0;
  int64_t outer = 0;
  int64_t inner = 0;
  int64_t step = 0;
};

Slice OutputSlice(const arch::Graph& graph, const Op& op, const FloatWeight& weight, int channel) {
  const int channels = OutputChannels(graph, op);
  const int64_t terms = static_cast<int64_t>(weight.values.size()) / channels;
  if (op.kind == OpKind::kDepthwiseConv2d) return {channel, terms, 1, channels};
  return {channel * terms, 1, terms, 0};
}

// What reads input channel `channel`, of `channels`.
Slice InputSlice(const FloatWeight& weight, int channel, int channels) {
  // They are innermost in every layout: [Co, kernel_h, kernel_w, Ci] and [kernel_h, kernel_w, C].
  const int64_t pixels = static_cast<int64_t>(weight.values.size()) / channels;
  return {channel, pixels, 1, channels};
}

template <typename Body>
void ForEach(const Slice& slice, const Body& body) {
  for (int64_t o = 0; o < slice.outer; ++o) {
    for (int64_t i = 0; i < slice.inner; ++i) body(slice.first + o * slice.step + i);
  }
}

float LargestOf(const FloatWeight& weight, const Slice& slice) {
  float largest = 0;
  ForEach(slice, [&](int64_t i) { largest = std::max(largest, std::abs(weight.values[i])); });
  return largest;
}

// The largest power of 2 that is not above `limit`; 1 to 2^kMostBits.
float PowerOfTwo(double limit) {
  constexpr int kMostBits = 10;
  if (!(limit > 1)) return 1;
  int exponent = 0;
  std::frexp(limit, &exponent);
  return std::ldexp(1.0F, std::min(exponent - 1, kMostBits));
}

class Pair {
 public:
  Pair(FloatNetwork& network, const Op& writer, const Op& reader, std::vector<Range>& ranges)
      : graph_(network.graph),
        writer_(writer),
        reader_(reader),
        from_(network.weights[writer.weight]),
        to_(network.weights[reader.weight]),
        ranges_(ranges) {}

  void Run() {
    const Range whole = WholeRange(ranges_);
    const int channels = static_cast<int>(ranges_.size());
    float largest_weight = 0;
    for (const float value : to_.values) {
      largest_weight = std::max(largest_weight, std::abs(value));
    }
    for (int c = 0; c < channels; ++c) {
      if (Magnitude(ranges_[c]) == 0) continue;
      double factor = RoomOf(ranges_[c], whole);
      const Slice inputs = InputSlice(to_, c, channels);
      if (reader_.kind != OpKind::kDepthwiseConv2d) {
        // Weights of all input channels of an output channel share a scale: what the activation
        // gains, they lose.
        factor = std::min(factor, std::sqrt(factor * LargestOf(to_, inputs) / largest_weight));
      }
      Scale(c, PowerOfTwo(factor), inputs);
    }
  }

 private:
  // How often the channel fits into the range of all.
  static double RoomOf(const Range& channel, const Range& whole) {
    double room = INFINITY;
    if (channel.low < 0) room = std::min(room, double{whole.low} / channel.low);
    if (channel.high > 0) room = std::min(room, double{whole.high} / channel.high);
    return room;
  }

  void Scale(int channel, float factor, const Slice& inputs) {
    if (factor == 1) return;
    ForEach(OutputSlice(graph_, writer_, from_, channel),
            [&](int64_t i) { from_.values[i] *= factor; });
    if (!from_.bias.empty()) from_.bias[channel] *= factor;
    ForEach(inputs, [&](int64_t i) { to_.values[i] /= factor; });
    ranges_[channel].low *= factor;
    ranges_[channel].high *= factor;
  }

  const arch::Graph& graph_;
  const Op& writer_;
  const Op& reader_;
  FloatWeight& from_;
  FloatWeight& to_;
  std::vector<Range>& ranges_;
};

bool IsScalable(const Op& op) {
  return HasWeights(op) &&
         (op.activation == OpActivation::kNone || op.activation == OpActivation::kRelu ||
          op.activation == OpActivation::kRelu6);
}

}  // namespace

void Equalise(FloatNetwork& network, ChannelRanges& ranges) {
  const arch::Graph& graph = network.graph;
  std::vector<const Op*> writers(graph.tensors.size(), nullptr);
  std::vector<int> readers(graph.tensors.size(), 0);
  ++readers[graph.output];
  for (const Op& op : graph.ops) {
    writers[op.output] = &op;
    for (const arch::TensorId id : InputsOf(graph, op)) ++readers[id];
  }
  for (const Op& reader : graph.ops) {
    if (!HasWeights(reader)) continue;
    const Op* writer = writers[reader.input];
    if (writer == nullptr || !IsScalable(*writer) || readers[reader.input] != 1) continue;
    Pair(network, *writer, reader, ranges[reader.input]).Run();
  }
}

}  // namespace niwaki::engine
