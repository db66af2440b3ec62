#include "libs/engine/quantise/fuse_pads.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;
using arch::Padding;
using arch::TensorId;

constexpr int kMostPadding = 255;
constexpr int kLeastLevel = -128;

bool PadsItsInput(OpKind kind) {
  return kind == OpKind::kConv2d || kind == OpKind::kDepthwiseConv2d || kind == OpKind::kPad;
}

// Both paddings together, if a byte holds each.
bool Join(const Padding& a, const Padding& b, Padding& sum) {
  const int sides[4] = {a.top + b.top, a.bottom + b.bottom, a.left + b.left, a.right + b.right};
  for (const int side : sides) {
    if (side > kMostPadding) return false;
  }
  sum = {static_cast<uint8_t>(sides[0]), static_cast<uint8_t>(sides[1]),
         static_cast<uint8_t>(sides[2]), static_cast<uint8_t>(sides[3])};
  return true;
}

class Fuser {
 public:
  explicit Fuser(const QuantisedNetwork& network)
      : network_(network), readers_(network.graph.tensors.size(), 0) {
    for (const Op& op : network_.graph.ops) {
      for (const TensorId input : arch::InputsOf(network_.graph, op)) ++readers_[input];
    }
    // The network's output has a reader outside.
    ++readers_[network_.graph.output];
    ids_.assign(network_.graph.tensors.size(), -1);
  }

  QuantisedNetwork Run() {
    result_.weights = network_.weights;
    result_.graph.weights = network_.graph.weights;
    result_.graph.extras = network_.graph.extras;
    result_.graph.input = Keep(network_.graph.input);
    for (const auto& [id, values] : network_.constants) result_.constants[Keep(id)] = values;
    const std::vector<Op>& ops = network_.graph.ops;
    for (size_t i = 0; i < ops.size(); ++i) {
      if (!Absorbed(ops, i)) Add(ops[i]);
    }
    result_.graph.output = ids_[network_.graph.output];
    return std::move(result_);
  }

 private:
  // Whether operator `i` is a pad that its only reader takes over, or that adds nothing.
  bool Absorbed(const std::vector<Op>& ops, size_t i) {
    const Op& pad = ops[i];
    if (pad.kind != OpKind::kPad) return false;
    if (pad.padding == Padding() && padded_.count(pad.input) == 0) {
      // Its output is its input.
      ids_[pad.output] = Id(pad.input);
      return true;
    }
    if (readers_[pad.output] != 1) return false;
    for (size_t later = i + 1; later < ops.size(); ++later) {
      if (ops[later].input != pad.output) continue;
      Padding sum;
      if (!TakesOver(ops[later], pad.input) ||
          !Join(PaddingBefore(pad.input, pad.padding), ops[later].padding, sum)) {
        return false;
      }
      ids_[pad.output] = Id(pad.input);
      padded_[pad.output] = PaddingBefore(pad.input, pad.padding);
      return true;
    }
    return false;
  }

  // Whether `op`, which reads a padded `input`, can do the padding.
  bool TakesOver(const Op& op, TensorId input) const {
    return PadsItsInput(op.kind) ||
           (op.kind == OpKind::kMaxPool && network_.tensors[input].zero_point == kLeastLevel);
  }

  // The padding of `own` and of an absorbed pad that wrote `input`.
  Padding PaddingBefore(TensorId input, const Padding& own) const {
    const auto it = padded_.find(input);
    Padding sum = own;
    if (it != padded_.end()) Join(it->second, own, sum);
    return sum;
  }

  void Add(Op op) {
    if (PadsItsInput(op.kind) || op.kind == OpKind::kMaxPool) {
      op.padding = PaddingBefore(op.input, op.padding);
    }
    if (op.input >= 0) op.input = Id(op.input);
    if (op.second_input >= 0) op.second_input = Id(op.second_input);
    if (op.extra >= 0) {
      for (TensorId& input : result_.graph.extras[op.extra].inputs) input = Id(input);
    }
    op.output = Keep(op.output);
    result_.graph.ops.push_back(op);
  }

  TensorId Id(TensorId id) const { return ids_[id]; }

  TensorId Keep(TensorId id) {
    if (ids_[id] < 0) {
      ids_[id] = static_cast<TensorId>(result_.graph.tensors.size());
      result_.graph.tensors.push_back(network_.graph.tensors[id]);
      result_.tensors.push_back(network_.tensors[id]);
    }
    return ids_[id];
  }

  const QuantisedNetwork& network_;
  QuantisedNetwork result_;
  // By tensor of `network_`: how often it is read.
  std::vector<int> readers_;
  // By tensor of `network_`: that of the result, or -1.
  std::vector<TensorId> ids_;
  // What an absorbed pad would have put around its input, by the tensor that it would have written.
  std::map<TensorId, Padding> padded_;
};

}  // namespace

QuantisedNetwork FusePads(const QuantisedNetwork& network) { return Fuser(network).Run(); }

}  // namespace niwaki::engine
