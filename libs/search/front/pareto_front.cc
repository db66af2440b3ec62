#include "libs/search/front/pareto_front.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "libs/base/log.h"

namespace niwaki::search {

ParetoFront::Insertion ParetoFront::Insert(int64_t slot, const Objectives& objectives) {
  NIWAKI_CHECK(static_cast<int>(objectives.size()) == num_objectives_);
  NIWAKI_CHECK(std::all_of(objectives.begin(), objectives.end(),
                           [](double value) { return std::isfinite(value); }));
  Entry entry;
  entry.values.assign(objectives.begin(), objectives.end());
  entry.slot = slot;
  Insertion insertion;
  auto next = entries_.lower_bound(entry);
  if (next != entries_.end() && next->values == entry.values) {
    if (next->slot <= slot) return insertion;
    // The equal entry gives its place to the smaller slot; nothing else changes.
    insertion.removed.push_back(next->slot);
    entries_.erase(next);
  } else {
    if (DominatedBefore(next, entry)) return insertion;
    RemoveDominated(next, entry, insertion.removed);
  }
  insertion.inserted = true;
  entries_.insert(std::move(entry));
  return insertion;
}

bool ParetoFront::DominatedBefore(Entries::const_iterator next, const Entry& entry) const {
  if (next == entries_.begin()) return false;
  // What dominates is lexicographically smaller. With two objectives the second one falls along the
  // front, so the nearest entry before has its least value.
  if (num_objectives_ <= 2) return std::prev(next)->values.back() <= entry.values.back();
  return std::any_of(entries_.begin(), next, [&](const Entry& other) {
    return Dominates(other.values.data(), entry.values.data(), entry.values.size());
  });
}

void ParetoFront::RemoveDominated(Entries::iterator next, const Entry& entry,
                                  std::vector<int64_t>& removed) {
  while (next != entries_.end()) {
    if (Dominates(entry.values.data(), next->values.data(), entry.values.size())) {
      removed.push_back(next->slot);
      next = entries_.erase(next);
    } else if (num_objectives_ <= 2) {
      // Dominated entries are neighbours.
      return;
    } else {
      ++next;
    }
  }
}

std::vector<ParetoFront::Point> ParetoFront::points() const {
  std::vector<Point> points;
  points.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    points.push_back({entry.slot, Objectives(entry.values.begin(), entry.values.end())});
  }
  return points;
}

}  // namespace niwaki::search
