#include "libs/search/algorithms/generation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "libs/base/log.h"

namespace niwaki::search {

bool Generation::Add(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) {
  NIWAKI_CHECK(slot == told_);
  ++told_;
  if (outcome.kind == Outcome::Kind::kScored) {
    NIWAKI_CHECK(static_cast<int>(outcome.objectives.size()) == num_objectives_);
    NIWAKI_CHECK(std::all_of(outcome.objectives.begin(), outcome.objectives.end(),
                             [](double value) { return std::isfinite(value); }));
    members_.push_back({slot, subnet, outcome.objectives});
  }
  return told_ % size_ == 0;
}

std::vector<Member> Generation::TakeMembers() { return std::exchange(members_, {}); }

}  // namespace niwaki::search
