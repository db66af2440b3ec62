// QuantisedNetwork: a Graph with everything that an int8 machine needs to run it: scale and zero
// point of every tensor, int8 weights, int32 biases.
//
// It is what is planned, run on the host and emitted. Arithmetic is TensorFlow Lite's: per-tensor
// asymmetric activations, symmetric weights with one scale a channel or one for all.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISED_NETWORK_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISED_NETWORK_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "libs/arch/graph.h"

namespace niwaki::engine {

// real = scale * (level - zero_point).
struct Quantisation {
  float scale = 1;
  int32_t zero_point = 0;

  friend bool operator==(const Quantisation& a, const Quantisation& b) {
    return a.scale == b.scale && a.zero_point == b.zero_point;
  }
  friend bool operator!=(const Quantisation& a, const Quantisation& b) { return !(a == b); }
};

struct QuantisedWeight {
  // Convolutions and linear layers [Co, kernel_h, kernel_w, Ci], depthwise [kernel_h, kernel_w,
  // Co].
  std::vector<int8_t> values;
  // One for each output channel, or one for all.
  std::vector<float> scales;
  // One for each output channel, in units of input scale * weight scale.
  std::vector<int32_t> biases;
};

struct QuantisedNetwork {
  arch::Graph graph;
  // By tensor id. Of the float tensors outside of kQuantize and kDequantize nothing is used.
  std::vector<Quantisation> tensors;
  // By Op::weight.
  std::vector<QuantisedWeight> weights;
  // Tensors that no operator writes: second operands of kAdd and kMul.
  std::map<arch::TensorId, std::vector<int8_t>> constants;
};

// Whether kernels can run it: scales are finite and above 0, zero points int8, weights and biases
// as many as shapes say, operands that must share a scale share it, tensors are written before they
// are read. InvalidArgument names the operator by index and kind ("operator 7 (conv2d)"), the
// field, its value and the limit.
absl::Status Validate(const QuantisedNetwork& network);

// "operator 7 (conv2d)".
std::string OperatorName(const arch::Graph& graph, int index);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_QUANTISED_NETWORK_H_
