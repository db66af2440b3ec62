#include "libs/engine/plan/flash.h"

#include <bitset>

namespace niwaki::engine {
namespace {

constexpr int64_t kChannelTableBytes = 4 + 4 + 1;
constexpr int64_t kActivationTableBytes = 256;
// Kernel sizes are odd up to 7 (pools of 2 have no odd ones beside them) and strides 1 or 2: four
// times two variants of eight kinds, with and without a table.
constexpr int kSizes = 4;
constexpr int kVariants = kSizes * 2 * 2;
constexpr int kKinds = static_cast<int>(arch::OpKind::kAvgPool) + 1;

bool NeedsTable(arch::OpActivation activation) {
  return activation == arch::OpActivation::kHardSwish ||
         activation == arch::OpActivation::kHardSigmoid;
}

int KernelIndex(const arch::Op& op) {
  const int size = (op.kernel_size / 2) % kSizes;
  const int stride = op.stride > 1 ? 1 : 0;
  const int table = NeedsTable(op.activation) ? 1 : 0;
  return static_cast<int>(op.kind) * kVariants + (size * 2 + stride) * 2 + table;
}

}  // namespace

int CountKernels(const arch::Graph& graph) {
  std::bitset<kKinds * kVariants> seen;
  for (const arch::Op& op : graph.ops) seen.set(KernelIndex(op));
  return static_cast<int>(seen.count());
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
