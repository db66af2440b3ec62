#include "services/cli/show/search_report.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "libs/arch/subnet.h"
#include "libs/jobfile/metric.h"
#include "libs/search/metric.h"
#include "proto/niwaki/v1/job.pb.h"
#include "services/cli/show/plots/front_plot.h"
#include "services/cli/show/shown_share.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

using search::EvaluatedSubnet;
using search::Metric;

// The networks of the front.
std::vector<const EvaluatedSubnet*> Front(const SearchReport& report) {
  std::vector<const EvaluatedSubnet*> front;
  for (const size_t index : report.result.front) {
    front.push_back(&report.result.evaluated[index]);
  }
  return front;
}

// The metrics that any of the networks has.
std::vector<Metric> KnownMetrics(const SearchReport& report) {
  std::vector<Metric> known;
  for (const Metric metric : search::kAllMetrics) {
    const auto& all = report.result.evaluated;
    if (std::any_of(all.begin(), all.end(),
                    [&](const EvaluatedSubnet& one) { return one.metrics[metric].has_value(); })) {
      known.push_back(metric);
    }
  }
  return known;
}

v1::Metric ToProto(Metric metric) {
  return *jobfile::MetricByName(std::string(search::MetricName(metric)));
}

bool IsShare(Metric metric) { return metric == Metric::kTop1 || metric == Metric::kTop5; }

// As it is shown: shares are predicted, and may lie outside 0 to 1.
double Shown(Metric metric, double value) { return IsShare(metric) ? ShownShare(value) : value; }

bool IsCutShare(Metric metric, const std::optional<double>& known) {
  return IsShare(metric) && known.has_value() && IsCut(*known);
}

// Accuracies on the front that are shown as the nearest end of their range.
int CutShares(const SearchReport& report) {
  int count = 0;
  for (const EvaluatedSubnet* one : Front(report)) {
    for (const Metric metric : search::kAllMetrics) {
      if (IsCutShare(metric, one->metrics[metric])) ++count;
    }
  }
  return count;
}

// "%.2f %%" for an accuracy, so that near ones differ; else as everywhere.
std::string Cell(Metric metric, const std::optional<double>& known) {
  if (!known.has_value()) return "unknown";
  const double value = *known;
  if (IsShare(metric)) {
    return absl::StrFormat("%.2f %%%s", 100 * ShownShare(value), CutMark(value));
  }
  return jobfile::FormatMetric(ToProto(metric), value);
}

// A figure of the tables and models that a search goes by, where it is known.
template <typename Mutable>
void SetFigure(const std::optional<double>& value, const Mutable& figure) {
  if (!value.has_value()) return;
  figure()->set_value(*value);
  figure()->set_provenance(v1::PROVENANCE_PREDICTED);
}

// What the plot wants of a network; counts that are not known are 0.
v1::Candidate ToCandidate(const arch::SearchSpace& space, const EvaluatedSubnet& one) {
  v1::Candidate candidate;
  candidate.set_slot(one.slot);
  candidate.set_subnet_id(arch::IdOf(space, one.subnet).ToHex());
  const search::Metrics& metrics = one.metrics;
  candidate.mutable_score()->set_top1(ShownShare(metrics.top1.value_or(0)));
  v1::Cost& cost = *candidate.mutable_cost();
  cost.set_sram_bytes(static_cast<int64_t>(metrics.sram_bytes.value_or(0)));
  cost.set_flash_bytes(static_cast<int64_t>(metrics.flash_bytes.value_or(0)));
  cost.set_macs(static_cast<int64_t>(metrics.macs.value_or(0)));
  cost.set_params(static_cast<int64_t>(metrics.params.value_or(0)));
  SetFigure(metrics.latency_us, [&] { return cost.mutable_latency_us(); });
  SetFigure(metrics.energy_mj, [&] { return cost.mutable_energy_mj(); });
  return candidate;
}

// Accuracies here come from a predictor: no image was classified, so there is no standard error.
std::string AccuracyNote(const std::vector<Metric>& metrics) {
  const bool accuracies = std::any_of(metrics.begin(), metrics.end(), [](Metric metric) {
    return metric == Metric::kTop1 || metric == Metric::kTop5;
  });
  return accuracies ? "\nAccuracies are predicted; how far off each may be is not known\n" : "";
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string SearchSummary(const SearchReport& report) {
  const search::InProcessResult& result = report.result;
  return absl::StrCat(result.evaluated.size(), " networks judged, ", result.front.size(),
                      " on the front; refused: ", result.duplicates, " known, ", result.over_limit,
                      " over a limit", result.interrupted ? "; interrupted" : "");
}

std::string SearchTable(const SearchReport& report) {
  const std::vector<Metric> metrics = KnownMetrics(report);
  std::vector<Column> columns = {{"SLOT", Align::kRight}};
  for (const Metric metric : metrics) {
    columns.push_back({absl::AsciiStrToUpper(jobfile::MetricTitle(jobfile::MetricToProto(metric))),
                       Align::kRight});
  }
  if (!report.schedules.empty()) columns.push_back({"SCHEDULE"});
  columns.push_back({"RESOLUTION", Align::kRight});
  columns.push_back({"NETWORK"});
  Table table(std::move(columns));
  const std::vector<const EvaluatedSubnet*> front = Front(report);
  for (size_t i = 0; i < front.size(); ++i) {
    const EvaluatedSubnet* one = front[i];
    std::vector<std::string> cells = {absl::StrCat(one->slot)};
    for (const Metric metric : metrics) cells.push_back(Cell(metric, one->metrics[metric]));
    if (!report.schedules.empty()) cells.push_back(report.schedules[i]);
    cells.push_back(absl::StrCat(arch::ResolutionOf(report.space, one->subnet).value));
    cells.push_back(arch::IdOf(report.space, one->subnet).ToHex());
    table.AddRow(std::move(cells));
  }
  return absl::StrCat(table.ToString(), CutNote(CutShares(report)), AccuracyNote(metrics));
}

std::string SearchCsv(const SearchReport& report) {
  const std::vector<Metric> metrics = KnownMetrics(report);
  std::string csv = "slot";
  for (const Metric metric : metrics) absl::StrAppend(&csv, ",", search::MetricName(metric));
  if (!report.schedules.empty()) absl::StrAppend(&csv, ",schedule");
  absl::StrAppend(&csv, ",subnet_id,subnet");
  std::vector<Metric> cut;
  const std::vector<const EvaluatedSubnet*> front = Front(report);
  for (const Metric metric : metrics) {
    if (std::any_of(front.begin(), front.end(), [&](const EvaluatedSubnet* one) {
          return IsCutShare(metric, one->metrics[metric]);
        })) {
      cut.push_back(metric);
      absl::StrAppend(&csv, ",", search::MetricName(metric), "_uncut");
    }
  }
  absl::StrAppend(&csv, "\r\n");
  for (size_t i = 0; i < front.size(); ++i) {
    const EvaluatedSubnet* one = front[i];
    absl::StrAppend(&csv, one->slot);
    for (const Metric metric : metrics) {
      absl::StrAppend(&csv, ",");
      const std::optional<double>& value = one->metrics[metric];
      if (value.has_value()) absl::StrAppendFormat(&csv, "%.9g", Shown(metric, *value));
    }
    if (!report.schedules.empty()) absl::StrAppend(&csv, ",", report.schedules[i]);
    absl::StrAppend(&csv, ",", arch::IdOf(report.space, one->subnet).ToHex(), ",",
                    Quoted(arch::ToJson(report.space, one->subnet)));
    for (const Metric metric : cut) {
      absl::StrAppendFormat(&csv, ",%.9g", one->metrics[metric].value_or(0));
    }
    absl::StrAppend(&csv, "\r\n");
  }
  return csv;
}

Json SearchJson(const SearchReport& report) {
  const search::InProcessResult& result = report.result;
  Json json = {{"space", report.space.name()}, {"objectives", Json::array()}};
  for (const Metric metric : report.options.objectives) {
    json["objectives"].push_back(std::string(search::MetricName(metric)));
  }
  json["evaluated"] = result.evaluated.size();
  json["infeasible"] = result.infeasible;
  json["duplicates"] = result.duplicates;
  json["over_limit"] = result.over_limit;
  json["interrupted"] = result.interrupted;
  json["front"] = Json::array();
  const std::vector<const EvaluatedSubnet*> front = Front(report);
  for (size_t i = 0; i < front.size(); ++i) {
    const EvaluatedSubnet* one = front[i];
    Json row = {{"slot", one->slot}};
    for (const Metric metric : KnownMetrics(report)) {
      const std::optional<double>& value = one->metrics[metric];
      const std::string name(search::MetricName(metric));
      row[name] = value.has_value() ? Json(Shown(metric, *value)) : Json();
      if (IsCutShare(metric, value)) row[absl::StrCat(name, "_uncut")] = *value;
    }
    if (!report.schedules.empty()) row["schedule"] = report.schedules[i];
    row["subnet_id"] = arch::IdOf(report.space, one->subnet).ToHex();
    row["subnet"] = Json::parse(arch::ToJson(report.space, one->subnet));
    json["front"].push_back(std::move(row));
  }
  return json;
}

ScatterPlot SearchPlot(const SearchReport& report) {
  v1::Job job;
  job.set_name(absl::StrCat("space ", report.space.name()));
  job.mutable_spec()->set_supernet(absl::StrCat("supernets/", report.space.name()));
  job.mutable_spec()->set_device(
      absl::StrCat("devices/", report.device.empty() ? "no device" : report.device));
  for (const Metric metric : report.options.objectives) {
    job.mutable_spec()->add_objectives(ToProto(metric));
  }
  for (const search::Constraint& constraint : report.options.constraints) {
    v1::Constraint& added = *job.mutable_spec()->add_constraints();
    added.set_metric(ToProto(constraint.metric));
    added.set_max(constraint.max);
  }
  job.mutable_progress()->set_scored(static_cast<int64_t>(report.result.evaluated.size()));
  std::vector<v1::Candidate> front;
  for (const EvaluatedSubnet* one : Front(report)) {
    front.push_back(ToCandidate(report.space, *one));
  }
  std::vector<v1::Candidate> all;
  for (const EvaluatedSubnet& one : report.result.evaluated) {
    all.push_back(ToCandidate(report.space, one));
  }
  ScatterPlot plot = MakeFrontPlot(job, front, all);
  if (!AccuracyNote(KnownMetrics(report)).empty()) {
    absl::StrAppend(&plot.subtitle, ", accuracies predicted");
  }
  return plot;
}

}  // namespace niwaki::cli
