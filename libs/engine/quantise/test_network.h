// Small quantised networks for tests.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_TEST_NETWORK_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_TEST_NETWORK_H_

#include <utility>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// One pixel, two channels in, one out: out = in[0] + 2 in[1] + 3, everything at scale 1.
inline QuantisedNetwork OneConvolution() {
  QuantisedNetwork network;
  network.graph.tensors = {{1, 1, 2}, {1, 1, 1}};
  network.tensors = {{1, 0}, {1, 0}};
  arch::Op op;
  op.kind = arch::OpKind::kConv2d;
  op.input = 0;
  op.output = 1;
  op.weight = 0;
  op.bias = true;
  network.graph.ops = {op};
  network.graph.weights = {{arch::WeightRole::kImported, -1, 0}};
  network.graph.output = 1;
  network.weights = {{{1, 2}, {1}, {3}}};
  return network;
}

// OneConvolution, and behind it an operator of `kind` that keeps the shape.
inline QuantisedNetwork WithOperator(arch::OpKind kind, Quantisation output) {
  QuantisedNetwork network = OneConvolution();
  network.graph.tensors.push_back({1, 1, 1});
  network.tensors.push_back(output);
  arch::Op op;
  op.kind = kind;
  op.input = 1;
  op.output = 2;
  network.graph.ops.push_back(op);
  network.graph.output = 2;
  return network;
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_TEST_NETWORK_H_
