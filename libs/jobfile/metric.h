// Metrics as people write them and as messages carry them. What a metric is stands in
// libs/search/metric.h.

#ifndef NIWAKI_LIBS_JOBFILE_METRIC_H_
#define NIWAKI_LIBS_JOBFILE_METRIC_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/search/metric.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {

// The metric of an enumerator; nullopt for METRIC_UNSPECIFIED and numbers that this version does
// not know.
std::optional<search::Metric> MetricFromProto(int metric);
v1::Metric MetricToProto(search::Metric metric);

// "top1", "latency_us", "latency" (the unit may be left out), …; nullopt for an unknown name.
std::optional<v1::Metric> MetricByName(absl::string_view name);

// All names that MetricByName knows.
std::vector<std::string> MetricNames();
// Those of metrics that can be limited: costs, not scores.
std::vector<std::string> CostMetricNames();

// "top1", "latency_us".
std::string MetricName(v1::Metric metric);
// "top-1 accuracy", "latency".
std::string MetricTitle(v1::Metric metric);
// Larger is better: the accuracies.
bool IsMaximised(v1::Metric metric);

// The metric's value of a candidate, in the metric's own unit; nullopt for a score that
// is not set and for a cost that is not known.
std::optional<double> MetricValue(const v1::Candidate& candidate, v1::Metric metric);

// "84.2 %", "63.4 kB", "12.3 ms", "1.25 M".
std::string FormatMetric(v1::Metric metric, double value);

// A limit of a cost, above 0, in the metric's own unit: "64kB", "100ms", "5 mJ", "5M".
// InvalidArgument, its limit saying what is allowed, for anything else.
absl::StatusOr<double> ParseLimit(search::Metric metric, absl::string_view text);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_METRIC_H_
