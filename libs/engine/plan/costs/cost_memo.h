// CostMemo: what ExactCostsOf has found, kept by the graph: searches come to networks again, and
// many jobs to the same ones.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_COSTS_COST_MEMO_H_
#define NIWAKI_LIBS_ENGINE_PLAN_COSTS_COST_MEMO_H_

#include <array>
#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "libs/arch/graph.h"
#include "libs/base/digest.h"
#include "libs/engine/plan/costs/cost.h"

namespace niwaki::engine {

// Of all that costs follow from: operators, shapes and how they hang together. About a microsecond.
Fingerprint GraphFingerprint(const arch::Graph& graph);

// Thread-safe.
class CostMemo {
 public:
  // Keeps the last `capacity` graphs at least that were put or found, and at most twice as many;
  // some 250 bytes each.
  explicit CostMemo(size_t capacity = size_t{1} << 16);

  // False where it is not known.
  bool Find(const Fingerprint& graph, ExactCosts& costs);

  void Put(const Fingerprint& graph, const ExactCosts& costs);

 private:
  static constexpr size_t kShards = 16;

  // What the young part is full of becomes the old part, which goes.
  struct Shard {
    absl::Mutex mutex;
    absl::flat_hash_map<Fingerprint, ExactCosts> young ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<Fingerprint, ExactCosts> old ABSL_GUARDED_BY(mutex);
  };

  void PutYoung(Shard& shard, const Fingerprint& graph, const ExactCosts& costs)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_COSTS_COST_MEMO_H_
