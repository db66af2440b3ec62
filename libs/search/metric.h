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

// The name in job files and errors: `top1`, `sram_bytes`, … as the fields above.
absl::string_view MetricName(Metric metric);
// InvalidArgument with reason ARGUMENT_INVALID and the list of names.
absl::StatusOr<Metric> MetricFromName(absl::string_view name);

// Whether more is better: top1 and top5.
bool IsMaximised(Metric metric);
// Whether the metric is known without scoring, so that a limit on it can be checked beforehand:
// all but top1, top5 and loss.
bool IsCost(Metric metric);

// The values of `objectives` in order, negated where maximised. InvalidArgument with reason
// SCORE_NOT_FINITE names the first metric that is absent, infinite or NaN.
absl::StatusOr<Objectives> ObjectivesOf(const Metrics& metrics,
                                        absl::Span<const Metric> objectives);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_METRIC_H_
