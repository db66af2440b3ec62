#include "libs/search/front/non_dominated_sort.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace niwaki::search {
namespace {

using Front = std::vector<const Objectives*>;

// Points come in lexicographic order, so a point is dominated only by earlier ones. With two
// objectives the front's last point has its least second objective, so it alone decides.
bool DominatedByFront(const Front& front, const Objectives& point) {
  if (point.size() <= 2) return Dominates(*front.back(), point);
  return std::any_of(front.rbegin(), front.rend(),
                     [&](const Objectives* member) { return Dominates(*member, point); });
}

}  // namespace

std::vector<int> RankByDominance(absl::Span<const Objectives* const> points) {
  std::vector<int> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return *points[a] < *points[b]; });
  std::vector<Front> fronts;
  std::vector<int> ranks(points.size());
  for (const int i : order) {
    // A point that front k dominates is dominated by every front before k too (transitivity).
    const auto front = std::partition_point(
        fronts.begin(), fronts.end(),
        [&](const Front& candidate) { return DominatedByFront(candidate, *points[i]); });
    ranks[i] = static_cast<int>(front - fronts.begin());
    if (front == fronts.end()) {
      fronts.push_back({points[i]});
    } else {
      front->push_back(points[i]);
    }
  }
  return ranks;
}

std::vector<double> CrowdingDistances(absl::Span<const Objectives* const> front) {
  std::vector<double> distances(front.size(), 0.0);
  if (front.empty()) return distances;
  std::vector<int> order(front.size());
  for (size_t m = 0; m < front[0]->size(); ++m) {
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return (*front[a])[m] < (*front[b])[m]; });
    const double extent = (*front[order.back()])[m] - (*front[order.front()])[m];
    distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
    if (extent <= 0) continue;
    for (size_t i = 1; i + 1 < order.size(); ++i) {
      const double gap = (*front[order[i + 1]])[m] - (*front[order[i - 1]])[m];
      distances[order[i]] += gap / extent;
    }
  }
  return distances;
}

}  // namespace niwaki::search
