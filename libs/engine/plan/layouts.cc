#include "libs/engine/plan/layouts.h"

#include <cstddef>
#include <cstdint>

#include "libs/engine/plan/plan_options.h"

namespace niwaki::engine {

const std::vector<Layout>& WholeLayouts::Of(const arch::Graph& graph) {
  lifetimes_.Find(graph, PlanOptions());
  const size_t tensors = graph.tensors.size();
  chain_.resize(tensors);
  for (size_t t = 0; t < tensors; ++t) chain_[t] = static_cast<arch::TensorId>(t);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    // Tensors are written before they are read, so the chain of what is overwritten is known.
    const arch::TensorId over = lifetimes_.overwrites[i];
    if (over >= 0) chain_[graph.ops[i].output] = chain_[over];
  }
  wishes_.assign(tensors, 0);
  for (size_t t = 0; t < tensors; ++t) wishes_[chain_[t]] |= lifetimes_.layout_wishes[t];
  layouts_.resize(tensors);
  for (size_t t = 0; t < tensors; ++t) {
    layouts_[t] = wishes_[chain_[t]] == kBesideDepthwise ? Layout::kPlanar : Layout::kInterleaved;
  }
  return layouts_;
}

}  // namespace niwaki::engine
