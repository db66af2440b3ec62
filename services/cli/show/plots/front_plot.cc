#include "services/cli/show/plots/front_plot.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/resource_name.h"
#include "libs/search/metric.h"
#include "services/cli/show/front_text.h"

namespace niwaki::cli {
namespace {

bool IsScore(v1::Metric metric) {
  const std::optional<search::Metric> known = jobfile::MetricFromProto(metric);
  return known.has_value() && !search::IsCost(*known);
}

search::AxisScale ScaleOf(v1::Metric metric) {
  const std::optional<search::Metric> known = jobfile::MetricFromProto(metric);
  return known.has_value() ? search::FactsOf(*known).axis : search::AxisScale{1, ""};
}

// X, then Y.
std::pair<v1::Metric, v1::Metric> ChooseAxes(const v1::JobSpec& spec,
                                             const std::vector<v1::Candidate>& front) {
  std::vector<search::Metric> objectives;
  for (const int metric : spec.objectives()) {
    const std::optional<search::Metric> known = jobfile::MetricFromProto(metric);
    if (known.has_value()) objectives.push_back(*known);
  }
  const bool latency_known =
      front.empty() || std::any_of(front.begin(), front.end(), [](const v1::Candidate& one) {
        return jobfile::MetricValue(one, v1::METRIC_LATENCY_US).has_value();
      });
  const search::PlotAxes axes = search::PlotAxesOf(objectives, latency_known);
  return {jobfile::MetricToProto(axes.x), jobfile::MetricToProto(axes.y)};
}

std::string AxisTitle(v1::Metric metric) {
  return absl::StrCat(jobfile::MetricTitle(metric), " (", ScaleOf(metric).unit, ")");
}

std::string Tooltip(const v1::Candidate& candidate) {
  std::string text = absl::StrCat("candidate ", candidate.slot());
  for (v1::Metric metric : {v1::METRIC_TOP1, v1::METRIC_LATENCY_US, v1::METRIC_SRAM_BYTES,
                            v1::METRIC_FLASH_BYTES, v1::METRIC_MACS}) {
    const auto value = jobfile::MetricValue(candidate, metric);
    if (!value.has_value()) continue;
    absl::StrAppend(&text, "\n", jobfile::MetricTitle(metric), " ",
                    jobfile::FormatMetric(metric, *value));
    const std::optional<double> error = StandardErrorOf(candidate.score(), metric);
    if (error.has_value()) absl::StrAppendFormat(&text, " (standard error %.1f)", 100 * *error);
  }
  if (candidate.has_test_score()) {
    absl::StrAppend(&text, "\non the test split ",
                    jobfile::FormatMetric(v1::METRIC_TOP1, candidate.test_score().top1()));
  }
  return absl::StrCat(text, "\n", candidate.subnet_id());
}

// In the axis' unit; 0 where it is not known.
double ErrorOf(const v1::Candidate& candidate, v1::Metric metric) {
  return StandardErrorOf(candidate.score(), metric).value_or(0) * ScaleOf(metric).factor;
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
    point.x_error = ErrorOf(candidate, x_metric);
    point.y_error = ErrorOf(candidate, y_metric);
    point.tooltip = Tooltip(candidate);
    if (labelled) point.label = absl::StrCat(candidate.slot());
    points.push_back(std::move(point));
  }
  return points;
}

// The same candidates where the test split puts them; those that it has scored.
std::vector<v1::Candidate> OnTheTestSplit(const std::vector<v1::Candidate>& front) {
  std::vector<v1::Candidate> tested;
  for (const v1::Candidate& candidate : front) {
    if (!candidate.has_test_score()) continue;
    tested.push_back(candidate);
    *tested.back().mutable_score() = candidate.test_score();
  }
  return tested;
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
  const bool scores_drawn = IsScore(x_metric) || IsScore(y_metric);
  if (scores_drawn) {
    plot.tested = Points(OnTheTestSplit(front), x_metric, y_metric, /*labelled=*/false);
    plot.tested_name = "front on the test split";
    plot.error_name = "one standard error";
  }
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
