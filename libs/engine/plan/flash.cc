#include "libs/engine/plan/flash.h"

#include <algorithm>
#include <bitset>
#include <cstddef>

#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

constexpr int64_t kChannelTableBytes = 4 + 4 + 1;
constexpr int64_t kActivationTableBytes = 256;
// What networks of spaces have: square kernels up to 7 and square strides of 1 or 2, each with and
// without a table. They have a bit each, of every kind.
constexpr int kSizes = 7;
constexpr int kStrides = 2;
constexpr int kVariants = kSizes * kStrides * 2;

bool NeedsTable(arch::OpActivation activation) {
  return activation == arch::OpActivation::kHardSwish ||
         activation == arch::OpActivation::kHardSigmoid;
}

bool HasBit(const arch::Op& op) {
  return op.kernel_h == op.kernel_w && op.kernel_h <= kSizes && op.stride_h == op.stride_w &&
         op.stride_h <= kStrides;
}

int BitOf(const arch::Op& op) {
  const int table = NeedsTable(op.activation) ? 1 : 0;
  const int shape = (op.kernel_h - 1) * kStrides + op.stride_h - 1;
  return static_cast<int>(op.kind) * kVariants + shape * 2 + table;
}

// One kernel for both, among those without a bit.
bool SameKernel(const arch::Op& a, const arch::Op& b) {
  return a.kind == b.kind && a.kernel_h == b.kernel_h && a.kernel_w == b.kernel_w &&
         a.stride_h == b.stride_h && a.stride_w == b.stride_w &&
         NeedsTable(a.activation) == NeedsTable(b.activation);
}

}  // namespace

int CountKernels(const arch::Graph& graph) {
  std::bitset<arch::kNumOpKinds * kVariants> seen;
  int others = 0;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const arch::Op& op = graph.ops[i];
    if (HasBit(op)) {
      seen.set(BitOf(op));
      continue;
    }
    const auto here = graph.ops.begin() + static_cast<std::ptrdiff_t>(i);
    const bool known = std::any_of(
        graph.ops.begin(), here, [&op](const arch::Op& before) { return SameKernel(before, op); });
    if (!known) ++others;
  }
  return static_cast<int>(seen.count()) + others;
}

FlashBytes PlanFlash(const arch::Graph& graph) {
  FlashBytes bytes;
  for (const arch::Op& op : graph.ops) {
    if (NeedsTable(op.activation)) bytes.activation_tables += kActivationTableBytes;
    if (op.weight < 0) continue;
    const int64_t channels = graph.shape(op.output).channels;
    const int64_t extra = (op.batch_norm ? 2 * channels : 0) + (op.bias ? channels : 0);
    bytes.weights += arch::ParamsOf(graph, op) - extra;
    bytes.channel_tables += channels * kChannelTableBytes;
  }
  bytes.code = kRuntimeCodeBytes + CountKernels(graph) * kKernelCodeBytes;
  return bytes;
}

}  // namespace niwaki::engine
