// ParetoFront: an archive of the points that no other point dominates, kept up to date one point at
// a time.
//
// The content depends only on the set of points inserted, not on their order: of points with equal
// objectives the smallest slot stays. All values are minimised.

#ifndef NIWAKI_LIBS_SEARCH_FRONT_PARETO_FRONT_H_
#define NIWAKI_LIBS_SEARCH_FRONT_PARETO_FRONT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/inlined_vector.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {

// Not thread-safe. With n points on the front, Insert takes O(log n) plus the points removed for
// one and two objectives, O(n) for more (10,000 points of a front of three objectives: 0.9 s in
// all).
class ParetoFront {
 public:
  struct Point {
    int64_t slot = 0;
    Objectives objectives;
  };
  struct Insertion {
    // False when a point of the front dominates this one, or equals it with a smaller slot.
    bool inserted = false;
    // Slots of the points that left the front, by first objective.
    std::vector<int64_t> removed;
  };

  // Every point has `num_objectives` (at least 1) finite values.
  explicit ParetoFront(int num_objectives) : num_objectives_(num_objectives) {}

  Insertion Insert(int64_t slot, const Objectives& objectives);

  // The front in ascending order of the first objective, then the second and so on.
  std::vector<Point> points() const;
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    absl::InlinedVector<double, kMaxObjectives> values;
    int64_t slot = 0;
    friend bool operator<(const Entry& a, const Entry& b) { return a.values < b.values; }
  };
  using Entries = absl::btree_set<Entry>;

  // Whether an entry before `next` (the first that is not lexicographically below) dominates.
  bool DominatedBefore(Entries::const_iterator next, const Entry& entry) const;
  // Removes what `entry` dominates, from `next` on.
  void RemoveDominated(Entries::iterator next, const Entry& entry, std::vector<int64_t>& removed);

  const int num_objectives_;
  // No entry dominates another, none has equal values.
  Entries entries_;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_FRONT_PARETO_FRONT_H_
