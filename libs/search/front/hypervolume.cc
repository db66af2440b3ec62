#include "libs/search/front/hypervolume.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "libs/base/log.h"

namespace niwaki::search {
namespace {

using Points = std::vector<const Objectives*>;

// The union of boxes in two dimensions, grown one corner at a time: a staircase whose x rises while
// its y falls.
class Staircase {
 public:
  Staircase(double reference_x, double reference_y) : rx_(reference_x), ry_(reference_y) {}

  void Add(double x, double y) {
    auto right = steps_.upper_bound(x);
    double y_left = right == steps_.begin() ? ry_ : std::prev(right)->second;
    if (y_left <= y) return;
    // Walk over the steps that (x, y) covers, adding the strip above y between each two.
    double from = x;
    auto step = right;
    if (right != steps_.begin() && std::prev(right)->first == x) step = std::prev(right);
    while (true) {
      const double to = step == steps_.end() ? rx_ : std::min(step->first, rx_);
      area_ += (to - from) * (y_left - y);
      if (step == steps_.end() || step->second < y) break;
      from = to;
      y_left = step->second;
      step = steps_.erase(step);
    }
    steps_[x] = y;
  }

  double area() const { return area_; }

 private:
  const double rx_;
  const double ry_;
  std::map<double, double> steps_;
  double area_ = 0;
};

void SortBy(size_t objective, Points& points) {
  std::sort(points.begin(), points.end(), [objective](const Objectives* a, const Objectives* b) {
    return (*a)[objective] < (*b)[objective];
  });
}

double AreaOf(const Points& points, const Objectives& reference) {
  Staircase staircase(reference[0], reference[1]);
  for (const Objectives* point : points) staircase.Add((*point)[0], (*point)[1]);
  return staircase.area();
}

double VolumeOf(Points points, const Objectives& reference) {
  SortBy(2, points);
  Staircase staircase(reference[0], reference[1]);
  double volume = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    staircase.Add((*points[i])[0], (*points[i])[1]);
    const double next = i + 1 < points.size() ? (*points[i + 1])[2] : reference[2];
    volume += staircase.area() * (next - (*points[i])[2]);
  }
  return volume;
}

// Over the first `dimensions` objectives of points that are all better than `reference`.
double HypervolumeOf(Points points, const Objectives& reference, size_t dimensions) {
  if (points.empty()) return 0;
  if (dimensions == 1) {
    SortBy(0, points);
    return reference[0] - (*points[0])[0];
  }
  if (dimensions == 2) return AreaOf(points, reference);
  if (dimensions == 3) return VolumeOf(std::move(points), reference);
  // Between two neighbours in the last objective the cross-section is that of all points before.
  const size_t last = dimensions - 1;
  SortBy(last, points);
  double volume = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    const double next = i + 1 < points.size() ? (*points[i + 1])[last] : reference[last];
    const double height = next - (*points[i])[last];
    if (height <= 0) continue;
    const Points before(points.begin(), points.begin() + i + 1);
    volume += height * HypervolumeOf(before, reference, last);
  }
  return volume;
}

}  // namespace

double Hypervolume(absl::Span<const Objectives> points, const Objectives& reference) {
  NIWAKI_CHECK(!reference.empty());
  Points inside;
  for (const Objectives& point : points) {
    NIWAKI_CHECK(point.size() == reference.size());
    bool better = true;
    for (size_t m = 0; m < reference.size(); ++m) better = better && point[m] < reference[m];
    if (better) inside.push_back(&point);
  }
  return HypervolumeOf(std::move(inside), reference, reference.size());
}

}  // namespace niwaki::search
