// How the values of a tensor are spread, and the range that int8 should cover of them.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_HISTOGRAM_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_HISTOGRAM_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

struct Range {
  float low = 0;
  float high = 0;

  friend bool operator==(const Range& a, const Range& b) {
    return a.low == b.low && a.high == b.high;
  }
};

// Counts of values in bins of equal width over a range that is known beforehand. Counts of two
// histograms of one range add up in any order.
class Histogram {
 public:
  static constexpr int kBins = 2048;

  Histogram() = default;
  // low <= high, finite.
  explicit Histogram(const Range& range) : range_(range), counts_(kBins) {}

  // Values beyond the range count in its first or last bin.
  void Add(absl::Span<const float> values);
  void Add(const Histogram& other);

  const Range& range() const { return range_; }
  int64_t total() const;

  // The range without the share `1 - share` of the values: half of it at either end, or all of it
  // at the other end where the range begins or ends at 0. `share` above 0, at most 1.
  Range Percentile(double share) const;

  // The range with the least mean squared error of int8 levels: ends are tried at hundredths of
  // those of the whole range, both together, then each alone.
  Range LeastSquares() const;

 private:
  double SquaredError(const Range& range) const;
  double CentreOf(int bin) const;
  double Width() const;

  Range range_;
  std::vector<int64_t> counts_;
};

// Scale and zero point of int8 activations over `range`, widened to hold 0, which is a level
// exactly. A range without width (a tensor that is always 0) has scale 1. Finite ends, no further
// apart than float can say.
Quantisation QuantisationOf(Range range);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_HISTOGRAM_H_
