#include "libs/search/nsga2.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "libs/search/non_dominated_sort.h"
#include "libs/search/variation.h"

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

// Indices of `members`, best first: front, then the less crowded, then slot.
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

}  // namespace

Nsga2::Nsga2(const arch::SearchSpace& space, const Nsga2Options& options, int num_objectives,
             uint64_t seed)
    : space_(space),
      options_(options),
      seed_(seed),
      generation_(options.population, num_objectives) {}

arch::Subnet Nsga2::Ask(int64_t slot, int attempt) const {
  Random random = ProposalStream(seed_, slot, attempt);
  if (parents_.empty()) return SampleForAttempt(space_, attempt, random);
  return FinishChild(space_, Child(attempt, random), attempt, random);
}

arch::Subnet Nsga2::Child(int attempt, Random& random) const {
  const arch::Subnet& first = Tournament(random);
  const arch::Subnet& second = Tournament(random);
  const bool cross = random.Bernoulli(options_.crossover_probability);
  const arch::Subnet child = cross ? arch::CrossoverSubnets(space_, first, second, random) : first;
  arch::MutateOptions mutate;
  mutate.probability = MutationProbability(options_.mutation_probability, attempt);
  mutate.resolution_probability = mutate.probability;
  return arch::MutateSubnet(space_, child, mutate, random);
}

const arch::Subnet& Nsga2::Tournament(Random& random) const {
  // The parents stand best first, so the smaller index wins.
  const uint64_t a = random.Uniform(parents_.size());
  const uint64_t b = random.Uniform(parents_.size());
  return parents_[std::min(a, b)].subnet;
}

void Nsga2::Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) {
  if (!generation_.Add(slot, subnet, outcome)) return;
  std::vector<Member> members = generation_.TakeMembers();
  std::move(members.begin(), members.end(), std::back_inserter(parents_));
  Select();
}

void Nsga2::Select() {
  std::vector<Member> selected;
  for (const int i : BestFirst(parents_)) {
    if (selected.size() == static_cast<size_t>(options_.population)) break;
    selected.push_back(std::move(parents_[i]));
  }
  parents_ = std::move(selected);
}

}  // namespace niwaki::search
