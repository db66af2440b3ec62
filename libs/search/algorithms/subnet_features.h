// SubnetFeatures: a subnet as numbers for a linear model, in which sizes are logarithms so that a
// product of sizes becomes a sum.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_SUBNET_FEATURES_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_SUBNET_FEATURES_H_

#include <vector>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::search {

// Two features for the resolution and two for the width multiplier, or for each where widths are
// chosen one by one (logarithm within the space's range as -1 to 1, and its square); whether the
// stem has its residual convolution, where that is optional; then for every elastic block whether
// it is active, and for an active one which kernel_size and which expand_ratio it has, each choice
// but the smallest as 0 or 1. Immutable.
class SubnetFeatures {
 public:
  // `space` must outlive it.
  explicit SubnetFeatures(const arch::SearchSpace& space);

  int size() const { return size_; }

  // The features of a canonical subnet, `size()` of them.
  std::vector<double> Of(const arch::Subnet& subnet) const;

 private:
  const arch::SearchSpace& space_;
  // By gene value, -1 to 1.
  std::vector<double> resolution_;
  std::vector<double> width_mult_;
  std::vector<int> width_genes_;
  int size_ = 0;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_SUBNET_FEATURES_H_
