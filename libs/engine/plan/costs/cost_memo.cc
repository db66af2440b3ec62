#include "libs/engine/plan/costs/cost_memo.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace niwaki::engine {
namespace {

// Hashed as they lie in memory.
static_assert(std::has_unique_object_representations_v<arch::Op>);
static_assert(std::has_unique_object_representations_v<arch::TensorShape>);

}  // namespace

Fingerprint GraphFingerprint(const arch::Graph& graph) {
  const Fingerprint ops = FingerprintOf(graph.ops.data(), graph.ops.size() * sizeof(arch::Op));
  const Fingerprint tensors =
      FingerprintOf(graph.tensors.data(), graph.tensors.size() * sizeof(arch::TensorShape));
  uint64_t parts[] = {ops.high,
                      ops.low,
                      tensors.high,
                      tensors.low,
                      static_cast<uint64_t>(graph.input),
                      static_cast<uint64_t>(graph.output),
                      0,
                      0};
  for (const arch::OpExtra& extra : graph.extras) {
    // What came before is part of what comes now.
    const Fingerprint inputs =
        FingerprintOf(extra.inputs.data(), extra.inputs.size() * sizeof(arch::TensorId));
    uint64_t flags = 0;
    for (size_t i = 0; i < extra.order.size(); ++i) {
      flags = flags * 16 + static_cast<uint64_t>(extra.order[i]) * 2 + (extra.axes[i] ? 1 : 0);
    }
    const uint64_t chain[] = {parts[6], parts[7], inputs.high, inputs.low, flags};
    const Fingerprint sum = FingerprintOf(chain, sizeof(chain));
    parts[6] = sum.high;
    parts[7] = sum.low;
  }
  return FingerprintOf(parts, sizeof(parts));
}

CostMemo::CostMemo(size_t capacity)
    : shard_capacity_(std::max<size_t>(1, (capacity + kShards - 1) / kShards)) {}

bool CostMemo::Find(const Fingerprint& graph, ExactCosts& costs) {
  Shard& shard = shards_[graph.low % kShards];
  absl::MutexLock lock(&shard.mutex);
  const auto young = shard.young.find(graph);
  if (young != shard.young.end()) {
    costs = young->second;
    return true;
  }
  const auto old = shard.old.find(graph);
  if (old == shard.old.end()) return false;
  costs = old->second;
  PutYoung(shard, graph, costs);
  return true;
}

void CostMemo::Put(const Fingerprint& graph, const ExactCosts& costs) {
  Shard& shard = shards_[graph.low % kShards];
  absl::MutexLock lock(&shard.mutex);
  PutYoung(shard, graph, costs);
}

void CostMemo::PutYoung(Shard& shard, const Fingerprint& graph, const ExactCosts& costs) {
  if (shard.young.size() >= shard_capacity_) {
    shard.old = std::move(shard.young);
    shard.young.clear();
  }
  shard.young.insert_or_assign(graph, costs);
}

}  // namespace niwaki::engine
