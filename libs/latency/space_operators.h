// The operators that the networks of a space are made of, as they are emitted whole: what has to be
// measured before the table answers for all of them.

#ifndef NIWAKI_LIBS_LATENCY_SPACE_OPERATORS_H_
#define NIWAKI_LIBS_LATENCY_SPACE_OPERATORS_H_

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/engine/plan/layouts.h"
#include "libs/latency/op_form.h"

namespace niwaki::latency {

// Collects distinct operators in the order in which they come. Not thread-safe.
class OperatorSet {
 public:
  void Add(const arch::Graph& graph);
  const std::vector<EmittedOp>& operators() const { return operators_; }

 private:
  engine::WholeLayouts layouts_;
  absl::flat_hash_set<EmittedOp> seen_;
  std::vector<EmittedOp> operators_;
};

// Of every network of `space`: an operator depends on the resolution, the widths of its stage and
// of the one before, its own block's choices and on whether its block is the last one of its stage,
// so networks whose blocks are all alike show them all.
std::vector<EmittedOp> OperatorsOf(const arch::SearchSpace& space);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_SPACE_OPERATORS_H_
