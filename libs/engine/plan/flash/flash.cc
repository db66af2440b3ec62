#include "libs/engine/plan/flash/flash.h"

#include <algorithm>
#include <cstddef>

#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/flash/flash_constants.h"

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

bool Uses(const KernelCalls& used, Kernel kernel) {
  return used.calls[static_cast<size_t>(kernel)] > 0;
}

}  // namespace

bool KernelCalls::shares_chunks() const {
  return Uses(*this, Kernel::kFastPointwise) || Uses(*this, Kernel::kFastWindow);
}

bool KernelCalls::shares_scales() const {
  return shares_chunks() || Uses(*this, Kernel::kFastLinear) || Uses(*this, Kernel::kFastDepthwise);
}

KernelCalls CallsOf(const arch::Graph& graph, const NetworkPlan& plan, KernelSet kernels) {
  KernelCalls used;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const arch::Op& op = graph.ops[i];
    const Kernel kernel = KernelOf(graph, plan.memory, static_cast<int>(i), kernels);
    const size_t times =
        op.kind == arch::OpKind::kConcat ? graph.extras[op.extra].inputs.size() : 1;
    used.calls[static_cast<size_t>(kernel)] += static_cast<int32_t>(times);
    if (HasTable(op) && kernel != Kernel::kLookUp) {
      ++used.calls[static_cast<size_t>(Kernel::kLookUp)];
    }
  }
  for (const Segment& segment : plan.schedule.segments) {
    if (segment.mode != RunMode::kRows) continue;
    ++used.streams;
    used.streamed += segment.end_op - segment.first_op;
  }
  return used;
}

FlashBytes ConstantFlash(const arch::Graph& graph, const MemoryPlan& plan) {
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
  return bytes;
}

FlashBytes PlanFlash(const arch::Graph& graph, const NetworkPlan& plan, KernelSet kernels) {
  return PlanFlash(graph, plan, ConstantFlash(graph, plan.memory), kernels);
}

FlashBytes PlanFlash(const arch::Graph& graph, const NetworkPlan& plan, const FlashBytes& constants,
                     KernelSet kernels) {
  FlashBytes bytes = constants;
  const KernelCalls used = CallsOf(graph, plan, kernels);
  bytes.code = kBaseFlashBytes;
  for (int i = 0; i < kNumKernels; ++i) {
    if (used.calls[i] == 0) continue;
    bytes.code += kKernelFlash[i].kernel_bytes + used.calls[i] * kKernelFlash[i].call_bytes;
  }
  if (used.shares_chunks()) bytes.code += kChunkFlashBytes;
  if (used.shares_scales()) bytes.code += kScaleFlashBytes;
  if (used.streams > 0) {
    bytes.code += kStreamFlash.kernel_bytes + used.streams * kStreamFlash.call_bytes +
                  used.streamed * kStreamedFlashBytes;
  }
  return bytes;
}

}  // namespace niwaki::engine
