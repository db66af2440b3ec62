// The two orders of NSGA-II (Deb 2002, §III): fronts of mutually non-dominated points, and how
// crowded a point's neighbourhood on its front is.

#ifndef NIWAKI_LIBS_SEARCH_FRONT_NON_DOMINATED_SORT_H_
#define NIWAKI_LIBS_SEARCH_FRONT_NON_DOMINATED_SORT_H_

#include <vector>

#include "absl/types/span.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {

// For every point the index of its front: 0 for points that nothing dominates, 1 for those that
// only points of front 0 dominate, and so on. All points have the same number of objectives, at
// least one. Efficient non-dominated sort with binary search over the fronts (Zhang 2015): for two
// objectives O(n log n), for more O(n^2) comparisons at worst. Accepts pointers to avoid copies.
std::vector<int> RankByDominance(absl::Span<const Objectives* const> points);

// Crowding distance of each of `front`'s points: the sum over the objectives of the gap between its
// two neighbours, as a share of the front's extent; infinite at both ends of an objective. Points
// that are equal in an objective are taken in their given order, so the result is deterministic.
std::vector<double> CrowdingDistances(absl::Span<const Objectives* const> front);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_FRONT_NON_DOMINATED_SORT_H_
