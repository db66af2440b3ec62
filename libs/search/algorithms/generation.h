// Generation: the scored members among the outcomes told since the last selection.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_GENERATION_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_GENERATION_H_

#include <cstdint>
#include <vector>

#include "libs/arch/subnet.h"
#include "libs/search/front/objectives.h"
#include "libs/search/optimizer.h"

namespace niwaki::search {

// A scored subnet that may become a parent.
struct Member {
  int64_t slot = 0;
  arch::Subnet subnet;
  Objectives objectives;
};

// Collects `size` outcomes at a time. Infeasible and failed outcomes fill a generation but are not
// members of it.
class Generation {
 public:
  // Both at least 1.
  Generation(int size, int num_objectives) : size_(size), num_objectives_(num_objectives) {}

  // Slots in order from 0. Returns true when this outcome ends the generation: its members, in slot
  // order, must then be taken with TakeMembers before the next call.
  bool Add(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome);
  std::vector<Member> TakeMembers();

  // Generations ended when `told` outcomes have been added in all.
  int64_t EndedAfter(int64_t told) const { return told / size_; }
  int64_t told() const { return told_; }

 private:
  const int size_;
  const int num_objectives_;
  int64_t told_ = 0;
  std::vector<Member> members_;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_GENERATION_H_
