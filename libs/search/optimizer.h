// Optimizer: a search algorithm as a pure ask/tell state machine.
//
// A search is a row of slots. For every slot the caller asks for proposals, keeps the first that is
// new and within the limits, has it scored, and tells the outcome. What `Ask(slot, attempt)` gives
// depends only on the options, the slot, the attempt and the outcomes told so far. Outcomes are
// told in slot order; the caller tells exactly the outcomes of the slots below `slot - lag` before
// it asks for `slot`, so that the same seed gives the same search whatever the number of workers
// and their speed. No I/O, no clock, no threads.
//
//   // Every slot once, in order.
//   optimizer->Tell(0, subnet, outcome);
//   // Then attempt 1, 2, … while proposals are refused.
//   Subnet proposal = optimizer->Ask(32, 0);

#ifndef NIWAKI_LIBS_SEARCH_OPTIMIZER_H_
#define NIWAKI_LIBS_SEARCH_OPTIMIZER_H_

#include <cstdint>
#include <vector>

#include "libs/arch/subnet.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {

// What became of a slot.
struct Outcome {
  enum class Kind { kScored, kInfeasible, kFailed };
  Kind kind = Kind::kScored;
  // Only when scored.
  Objectives objectives;
  // Only when scored: each limited cost as a share of its limit, 0 to 1, in the order of the job's
  // constraints; the same number for all slots. For algorithms that predict what will fit.
  std::vector<double> usages;
};

// Not thread-safe.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // The `attempt`-th proposal (from 0) for `slot`: a canonical subnet of the space.
  virtual arch::Subnet Ask(int64_t slot, int attempt) const = 0;

  // The outcome of `slot`; slots come in order without gaps. `subnet` is what was scored (ignored
  // when infeasible).
  virtual void Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) = 0;

  // Changes when Ask may answer differently than before. While it stays the same, proposals for
  // several slots may be asked in any order.
  virtual int64_t version() const = 0;

  // What version() is once `told` outcomes have been told: known beforehand, for it depends on
  // their number alone.
  virtual int64_t VersionAfter(int64_t told) const = 0;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_OPTIMIZER_H_
