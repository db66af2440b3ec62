// TableScorer: a synthetic loss and cost of a subnet, from a table with an entry for every choice
// of every gene. Stands in for a supernet and an oracle in tests and benchmarks of search
// algorithms.

#ifndef NIWAKI_LIBS_SEARCH_TABLE_SCORER_H_
#define NIWAKI_LIBS_SEARCH_TABLE_SCORER_H_

#include <cstdint>
#include <vector>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::search {

// Thread-safe.
class TableScorer {
 public:
  TableScorer(const arch::SearchSpace& space, uint64_t seed);

  // Sums over the genes, normalised to 0..1 over the space: a larger choice mostly lowers the loss,
  // with diminishing returns and some noise, and always raises the cost.
  double Loss(const arch::Subnet& subnet) const;
  double Cost(const arch::Subnet& subnet) const;

 private:
  // Index of the entries of gene i's choices.
  std::vector<int> first_;
  std::vector<double> loss_;
  std::vector<double> cost_;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_TABLE_SCORER_H_
