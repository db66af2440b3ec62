// Hypervolume: how much of objective space a set of points dominates, up to a reference point. The
// usual one-number measure of a front's quality: it grows only when the front gets better.

#ifndef NIWAKI_LIBS_SEARCH_FRONT_HYPERVOLUME_H_
#define NIWAKI_LIBS_SEARCH_FRONT_HYPERVOLUME_H_

#include <vector>

#include "absl/types/span.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {

// The volume of the union of the boxes between each point and `reference`, all objectives
// minimised. Points that are not better than `reference` in every objective add nothing; dominated
// and equal points are fine. Every point has the reference's number of objectives, at least one.
//
// Exact but for rounding. With n points: O(n log n) for one to three objectives (a sweep with an
// ordered staircase; Fonseca 2006), O(n^2 log n) for four (slices of three), and so on.
double Hypervolume(absl::Span<const Objectives> points, const Objectives& reference);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_FRONT_HYPERVOLUME_H_
