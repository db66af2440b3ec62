// In which order the bytes of a network's tensors lie where every operator runs whole: what the
// planner decides, without a plan.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_LAYOUTS_H_
#define NIWAKI_LIBS_ENGINE_PLAN_LAYOUTS_H_

#include <vector>

#include "libs/arch/graph.h"
#include "libs/engine/plan/lifetimes.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {

// Reuses its memory. Not thread-safe.
class WholeLayouts {
 public:
  // By tensor id, as MemoryPlan::tensors of PlanNetwork(graph): planes of channels where nothing
  // that shares the bytes but depthwise convolutions cares. Valid until the next call.
  const std::vector<Layout>& Of(const arch::Graph& graph);

 private:
  Lifetimes lifetimes_;
  // By tensor: the first one of those that lie over each other.
  std::vector<arch::TensorId> chain_;
  // By first tensor of a chain.
  std::vector<uint8_t> wishes_;
  std::vector<Layout> layouts_;
};

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_LAYOUTS_H_
