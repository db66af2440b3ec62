// Figure: one cost of a network with its spread and where it comes from, or nothing.
//
// What is not known has one form, Figure(): no value, low or high, provenance kUnknown. It is never
// a zero, so it cannot be shown as one, and it meets no limit.

#ifndef NIWAKI_LIBS_COST_FIGURE_H_
#define NIWAKI_LIBS_COST_FIGURE_H_

#include <limits>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/cost/provenance.h"

namespace niwaki::cost {

// A small value; copying allocates nothing.
class Figure {
 public:
  // Not known.
  constexpr Figure() = default;

  // What code computed: known where 0 <= low <= value <= high, all finite, and `provenance` is not
  // kUnknown; else not known, for a sum that overflows says nothing.
  static Figure Of(double value, double low, double high, Provenance provenance) {
    Figure figure;
    if (provenance == Provenance::kUnknown || !IsRange(value, low, high)) return figure;
    figure.value_ = value;
    figure.low_ = low;
    figure.high_ = high;
    figure.provenance_ = provenance;
    return figure;
  }

  // What was read. InvalidArgument with reason ARGUMENT_INVALID, where Of would know nothing, names
  // the first wrong of `field`.provenance, .value, .low and .high.
  static absl::StatusOr<Figure> Create(absl::string_view field, double value, double low,
                                       double high, Provenance provenance);

  bool known() const { return provenance_ != Provenance::kUnknown; }
  // kUnknown exactly where the figure is not known.
  Provenance provenance() const { return provenance_; }

  // The estimate, and the interval that holds nine cases of ten; finite, 0 <= low <= value <= high.
  // Only of a known figure.
  double value() const { return Checked(value_); }
  double low() const { return Checked(low_); }
  double high() const { return Checked(high_); }

  // The estimate; nullopt where it is not known.
  std::optional<double> value_if_known() const {
    return known() ? std::optional<double>(value_) : std::nullopt;
  }

  // Value and interval times `factor` (from 0), of `provenance`; unknown stays unknown.
  Figure Times(double factor, Provenance provenance) const {
    return known() ? Of(value_ * factor, low_ * factor, high_ * factor, provenance) : Figure();
  }

  friend bool operator==(const Figure& a, const Figure& b) {
    return a.value_ == b.value_ && a.low_ == b.low_ && a.high_ == b.high_ &&
           a.provenance_ == b.provenance_;
  }
  friend bool operator!=(const Figure& a, const Figure& b) { return !(a == b); }

 private:
  // NaN and infinity fail one of the comparisons.
  static bool IsRange(double value, double low, double high) {
    constexpr double kMax = std::numeric_limits<double>::max();
    return 0 <= low && low <= value && value <= high && high <= kMax;
  }
  double Checked(double number) const {
    NIWAKI_CHECK(known());
    return number;
  }

  // All 0 where the figure is not known.
  double value_ = 0;
  double low_ = 0;
  double high_ = 0;
  Provenance provenance_ = Provenance::kUnknown;
};

}  // namespace niwaki::cost

#endif  // NIWAKI_LIBS_COST_FIGURE_H_
