#include "libs/search/algorithms/best_first.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "libs/search/front/non_dominated_sort.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {
namespace {

// Crowding distance of every point within its own front.
std::vector<double> CrowdingByFront(const std::vector<const Objectives*>& points,
                                    const std::vector<int>& ranks) {
  const int num_fronts = ranks.empty() ? 0 : 1 + *std::max_element(ranks.begin(), ranks.end());
  std::vector<std::vector<int>> fronts(num_fronts);
  for (size_t i = 0; i < points.size(); ++i) fronts[ranks[i]].push_back(static_cast<int>(i));
  std::vector<double> crowding(points.size());
  for (const std::vector<int>& front : fronts) {
    std::vector<const Objectives*> members;
    for (const int i : front) members.push_back(points[i]);
    const std::vector<double> distances = CrowdingDistances(members);
    for (size_t i = 0; i < front.size(); ++i) crowding[front[i]] = distances[i];
  }
  return crowding;
}

}  // namespace

std::vector<int> BestFirst(const std::vector<Member>& members) {
  std::vector<const Objectives*> points;
  for (const Member& member : members) points.push_back(&member.objectives);
  const std::vector<int> ranks = RankByDominance(points);
  const std::vector<double> crowding = CrowdingByFront(points, ranks);
  std::vector<int> order(members.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    if (ranks[a] != ranks[b]) return ranks[a] < ranks[b];
    if (crowding[a] != crowding[b]) return crowding[a] > crowding[b];
    return members[a].slot < members[b].slot;
  });
  return order;
}

void KeepBest(int count, std::vector<Member>& members) {
  std::vector<Member> kept;
  for (const int i : BestFirst(members)) {
    if (kept.size() == static_cast<size_t>(count)) break;
    kept.push_back(std::move(members[i]));
  }
  members = std::move(kept);
}

}  // namespace niwaki::search
