// Metrics by the names that people use, and how their values are written.

#ifndef NIWAKI_LIBS_JOBFILE_METRIC_H_
#define NIWAKI_LIBS_JOBFILE_METRIC_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {

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

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_METRIC_H_
