#include "libs/search/algorithms/random_search.h"

#include "libs/base/log.h"
#include "libs/base/random.h"
#include "libs/search/algorithms/variation.h"

namespace niwaki::search {

arch::Subnet RandomSearch::Ask(int64_t slot, int attempt) const {
  Random random = ProposalStream(seed_, slot, attempt);
  return arch::SampleSubnet(space_, random);
}

void RandomSearch::Tell(int64_t slot, const arch::Subnet&, const Outcome&) {
  NIWAKI_CHECK(slot == told_);
  ++told_;
}

}  // namespace niwaki::search
