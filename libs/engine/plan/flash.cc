#include "libs/engine/plan/flash.h"

#include <algorithm>
#include <cstddef>

#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/flash_constants.h"

namespace niwaki::engine {
namespace {

constexpr int64_t kChannelTableBytes = 4 + 4 + 1;
constexpr int64_t kActivationTableBytes = 256;

// Bytes of `id` if nobody writes it and operator `index` is the first one that reads it.
int64_t OperandBytes(const arch::Graph& graph, const MemoryPlan& plan, int index,
                     arch::TensorId id) {
  // What is written, or comes from the caller, has a place in the arena.
  if (id < 0 || plan.tensors[id].size_bytes > 0) return 0;
  for (int i = 0; i < index; ++i) {
    const auto inputs = arch::InputsOf(graph, graph.ops[i]);
    if (std::find(inputs.begin(), inputs.end(), id) != inputs.end()) return 0;
  }
  return graph.shape(id).elements();
}

int64_t OperandBytes(const arch::Graph& graph, const MemoryPlan& plan, int index) {
  const arch::Op& op = graph.ops[index];
  // Floats stay with the caller.
  if (op.kind == arch::OpKind::kQuantize || op.kind == arch::OpKind::kDequantize) return 0;
  int64_t bytes = OperandBytes(graph, plan, index, op.input);
  if (op.second_input != op.input) {
    bytes += OperandBytes(graph, plan, index, op.second_input);
  }
  if (op.extra < 0) return bytes;
  for (const arch::TensorId id : graph.extras[op.extra].inputs) {
    bytes += OperandBytes(graph, plan, index, id);
  }
  return bytes;
}

}  // namespace

KernelCalls CallsOf(const arch::Graph& graph, const MemoryPlan& plan) {
  KernelCalls used;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const arch::Op& op = graph.ops[i];
    const Kernel kernel = KernelOf(op, plan.overwrites[i] >= 0);
    const size_t times =
        op.kind == arch::OpKind::kConcat ? graph.extras[op.extra].inputs.size() : 1;
    used.calls[static_cast<size_t>(kernel)] += static_cast<int32_t>(times);
    if (HasTable(op) && kernel != Kernel::kLookUp) {
      ++used.calls[static_cast<size_t>(Kernel::kLookUp)];
    }
  }
  return used;
}

FlashBytes PlanFlash(const arch::Graph& graph, const MemoryPlan& plan) {
  FlashBytes bytes;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const arch::Op& op = graph.ops[i];
    if (HasTable(op)) bytes.activation_tables += kActivationTableBytes;
    bytes.operands += OperandBytes(graph, plan, static_cast<int>(i));
    if (op.weight < 0) continue;
    const int64_t channels = graph.shape(op.output).channels;
    const int64_t extra = (op.batch_norm ? 2 * channels : 0) + (op.bias ? channels : 0);
    bytes.weights += arch::ParamsOf(graph, op) - extra;
    bytes.channel_tables += channels * kChannelTableBytes;
  }
  const KernelCalls used = CallsOf(graph, plan);
  bytes.code = kBaseFlashBytes;
  for (int i = 0; i < kNumKernels; ++i) {
    if (used.calls[i] == 0) continue;
    bytes.code += kKernelFlash[i].kernel_bytes + used.calls[i] * kKernelFlash[i].call_bytes;
  }
  return bytes;
}

}  // namespace niwaki::engine
