// Metric: the numbers that a subnet is judged by, their names, units and directions.

#ifndef NIWAKI_LIBS_SEARCH_METRIC_H_
#define NIWAKI_LIBS_SEARCH_METRIC_H_

#include <array>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {

enum class Metric {
  kTop1,
  kTop5,
  kLoss,
  kSramBytes,
  kFlashBytes,
  kLatencyUs,
  kEnergyMj,
  kMacs,
  kParams,
};

inline constexpr std::array<Metric, 9> kAllMetrics = {
    Metric::kTop1,      Metric::kTop5,     Metric::kLoss, Metric::kSramBytes, Metric::kFlashBytes,
    Metric::kLatencyUs, Metric::kEnergyMj, Metric::kMacs, Metric::kParams};

enum class Unit { kShare, kNats, kBytes, kMicroseconds, kMillijoules, kCount };

// How a metric is written on an axis: its value times `factor`, in `unit`.
struct AxisScale {
  double factor;
  absl::string_view unit;
};

// What there is to know of a metric, in one place.
struct MetricFacts {
  // In job files and errors: `top1`, `sram_bytes`, … as the members of Metrics.
  absl::string_view name;
  // The name without its unit, which people may write instead; "" where the name has none.
  absl::string_view short_name;
  // In tables and pictures: "top-1 accuracy".
  absl::string_view title;
  Unit unit;
  // Whether more is better.
  bool maximised;
  // Whether it is known without scoring, so that a limit on it can be checked beforehand.
  bool cost;
  AxisScale axis;
};
const MetricFacts& FactsOf(Metric metric);

// The two metrics that a plot of a search is drawn with.
struct PlotAxes {
  Metric x;
  Metric y;
};

// For a job with these objectives, of which the first two are drawn: a score stands on the y axis
// and a cost on the x axis where there are both. A single score is drawn over latency, or over MACs
// where no latency is known; a single cost under top-1 accuracy. Without objectives: top-1 accuracy
// over a cost.
PlotAxes PlotAxesOf(absl::Span<const Metric> objectives, bool latency_known);

// What is known of one subnet; absent means not known (not scored yet, or the device has no
// figure). Counts are exact up to 2^53.
struct Metrics {
  // Shares of the evaluation images, 0 to 1.
  std::optional<double> top1;
  std::optional<double> top5;
  // Mean cross-entropy in nats.
  std::optional<double> loss;
  std::optional<double> sram_bytes;
  std::optional<double> flash_bytes;
  std::optional<double> latency_us;
  std::optional<double> energy_mj;
  std::optional<double> macs;
  std::optional<double> params;

  std::optional<double>& operator[](Metric metric);
  const std::optional<double>& operator[](Metric metric) const;
};

// As in the facts.
inline absl::string_view MetricName(Metric metric) { return FactsOf(metric).name; }
inline bool IsMaximised(Metric metric) { return FactsOf(metric).maximised; }
inline bool IsCost(Metric metric) { return FactsOf(metric).cost; }

// By its name, not the short one. InvalidArgument with reason ARGUMENT_INVALID and the list of
// names.
absl::StatusOr<Metric> MetricFromName(absl::string_view name);

// The values of `objectives` in order, negated where maximised. InvalidArgument with reason
// SCORE_NOT_FINITE names the first metric that is absent, infinite or NaN.
absl::StatusOr<Objectives> ObjectivesOf(const Metrics& metrics,
                                        absl::Span<const Metric> objectives);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_METRIC_H_
