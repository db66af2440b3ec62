// Objectives: what one scored subnet is worth, as numbers that are all to be minimised.

#ifndef NIWAKI_LIBS_SEARCH_FRONT_OBJECTIVES_H_
#define NIWAKI_LIBS_SEARCH_FRONT_OBJECTIVES_H_

#include <cstddef>
#include <vector>

namespace niwaki::search {

// Objective values, all to be minimised (a maximised metric is negated by the caller), all finite.
using Objectives = std::vector<double>;

// More objectives than this are refused: nearly every point of such a front is non-dominated.
inline constexpr int kMaxObjectives = 4;

// Whether `a` is nowhere worse and somewhere better than `b`; both of one length.
inline bool Dominates(const double* a, const double* b, size_t n) {
  bool better = false;
  for (size_t i = 0; i < n; ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}
inline bool Dominates(const Objectives& a, const Objectives& b) {
  return Dominates(a.data(), b.data(), a.size());
}

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_FRONT_OBJECTIVES_H_
