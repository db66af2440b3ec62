#include "services/cli/show/front_plot.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/show/cost_text.h"

namespace niwaki::cli {
namespace {

// How a metric is written on an axis: its value times `factor`, in `unit`.
struct AxisScale {
  double factor = 1;
  std::string unit;
};

AxisScale ScaleOf(v1::Metric metric) {
  switch (metric) {
    case v1::METRIC_TOP1:
    case v1::METRIC_TOP5:
      return {100, "%"};
    case v1::METRIC_SRAM_BYTES:
    case v1::METRIC_FLASH_BYTES:
      return {1.0 / 1024, "kB"};
    case v1::METRIC_LATENCY_US:
      return {1e-3, "ms"};
    case v1::METRIC_ENERGY_MJ:
      return {1, "mJ"};
    case v1::METRIC_MACS:
      return {1e-6, "millions"};
    case v1::METRIC_PARAMS:
      return {1e-3, "thousands"};
    default:
      return {1, "nats"};
  }
}

bool IsScore(v1::Metric metric) {
  return metric == v1::METRIC_TOP1 || metric == v1::METRIC_TOP5 || metric == v1::METRIC_LOSS;
}

// Latency, or MACs where it is not known of any candidate.
v1::Metric CostAxis(const std::vector<v1::Candidate>& front) {
  const bool unknown = std::none_of(front.begin(), front.end(), [](const v1::Candidate& one) {
    return jobfile::MetricValue(one, v1::METRIC_LATENCY_US).has_value();
  });
  return unknown && !front.empty() ? v1::METRIC_MACS : v1::METRIC_LATENCY_US;
}

std::pair<v1::Metric, v1::Metric> ChooseAxes(const v1::JobSpec& spec,
                                             const std::vector<v1::Candidate>& front) {
  const v1::Metric first = spec.objectives_size() > 0 ? spec.objectives(0) : v1::METRIC_TOP1;
  v1::Metric second = IsScore(first) ? CostAxis(front) : v1::METRIC_TOP1;
  if (spec.objectives_size() > 1) second = spec.objectives(1);
  const bool swap = IsScore(first) || !IsScore(second);
  return swap ? std::make_pair(second, first) : std::make_pair(first, second);
}

std::string AxisTitle(v1::Metric metric) {
  return absl::StrCat(jobfile::MetricTitle(metric), " (", ScaleOf(metric).unit, ")");
}

std::string Tooltip(const v1::Candidate& candidate) {
  std::string text = absl::StrCat("candidate ", candidate.slot());
  for (v1::Metric metric : {v1::METRIC_TOP1, v1::METRIC_LATENCY_US, v1::METRIC_SRAM_BYTES,
                            v1::METRIC_FLASH_BYTES, v1::METRIC_MACS}) {
    const auto value = jobfile::MetricValue(candidate, metric);
    if (value.has_value()) {
      absl::StrAppend(&text, "\n", jobfile::MetricTitle(metric), " ",
                      jobfile::FormatMetric(metric, *value));
    }
  }
  return absl::StrCat(text, "\n", candidate.subnet_id());
}

std::vector<PlotPoint> Points(const std::vector<v1::Candidate>& candidates, v1::Metric x_metric,
                              v1::Metric y_metric, bool labelled) {
  std::vector<PlotPoint> points;
  for (const v1::Candidate& candidate : candidates) {
    const auto x = jobfile::MetricValue(candidate, x_metric);
    const auto y = jobfile::MetricValue(candidate, y_metric);
    if (!x.has_value() || !y.has_value()) continue;
    PlotPoint point;
    point.x = *x * ScaleOf(x_metric).factor;
    point.y = *y * ScaleOf(y_metric).factor;
    point.tooltip = Tooltip(candidate);
    if (labelled) point.label = absl::StrCat(candidate.slot());
    points.push_back(std::move(point));
  }
  return points;
}

std::string Subtitle(const v1::Job& job) {
  std::string text = absl::StrCat(jobfile::ResourceId(job.spec().supernet()), " on ",
                                  jobfile::ResourceId(job.spec().device()), ", ",
                                  job.progress().scored(), " candidates scored");
  for (const v1::Constraint& constraint : job.spec().constraints()) {
    absl::StrAppend(&text, ", ", jobfile::MetricTitle(constraint.metric()), " at most ",
                    jobfile::FormatMetric(constraint.metric(), constraint.max()));
  }
  return text;
}

}  // namespace

ScatterPlot MakeFrontPlot(const v1::Job& job, const std::vector<v1::Candidate>& front,
                          const std::vector<v1::Candidate>& scored) {
  const auto [x_metric, y_metric] = ChooseAxes(job.spec(), front);
  ScatterPlot plot;
  plot.title =
      absl::StrCat("Pareto front of ",
                   job.spec().display_name().empty() ? job.name() : job.spec().display_name());
  plot.subtitle = Subtitle(job);
  plot.x_title = AxisTitle(x_metric);
  plot.y_title = AxisTitle(y_metric);
  plot.dots = Points(scored, x_metric, y_metric, /*labelled=*/false);
  plot.dots_name = "scored candidates";
  plot.front = Points(front, x_metric, y_metric, /*labelled=*/true);
  plot.front_name = "front (number of the candidate)";
  if (plot.front.size() < front.size()) {
    absl::StrAppend(&plot.subtitle, ", ", front.size() - plot.front.size(),
                    " of the front not drawn: ", jobfile::MetricTitle(x_metric), " or ",
                    jobfile::MetricTitle(y_metric), " unknown");
  }
  plot.larger_y_is_better = jobfile::IsMaximised(y_metric);
  for (const v1::Constraint& constraint : job.spec().constraints()) {
    const bool on_x = constraint.metric() == x_metric;
    if (!on_x && constraint.metric() != y_metric) continue;
    plot.limits.push_back(
        {on_x ? PlotAxis::kX : PlotAxis::kY, constraint.max() * ScaleOf(constraint.metric()).factor,
         absl::StrCat("limit ", jobfile::FormatMetric(constraint.metric(), constraint.max()))});
  }
  return plot;
}

}  // namespace niwaki::cli
