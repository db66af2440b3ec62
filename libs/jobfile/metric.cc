#include "libs/jobfile/metric.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/cost/cost_message.h"
#include "libs/jobfile/quantity.h"

namespace niwaki::jobfile {
namespace {

using search::FactsOf;
using search::MetricFacts;
using search::Unit;

std::vector<std::string> Names(bool costs_only) {
  std::vector<std::string> names;
  for (const search::Metric metric : search::kAllMetrics) {
    const MetricFacts& facts = FactsOf(metric);
    if (costs_only && !facts.cost) continue;
    if (!facts.short_name.empty()) names.emplace_back(facts.short_name);
    names.emplace_back(facts.name);
  }
  return names;
}

std::optional<double> FigureValue(const v1::Figure& figure) {
  if (!cost::IsKnown(figure)) return std::nullopt;
  return figure.value();
}

// No network needs nothing.
std::optional<double> CountValue(int64_t count) {
  if (count == 0) return std::nullopt;
  return static_cast<double>(count);
}

// The nearest integer, within what an int64 holds.
int64_t Rounded(double value) { return std::llround(std::clamp(value, -9e18, 9e18)); }

}  // namespace

// The enumerators of both are in the same order; the wire's begin with UNSPECIFIED.
std::optional<search::Metric> MetricFromProto(int metric) {
  if (metric < 1 || metric > static_cast<int>(search::kAllMetrics.size())) return std::nullopt;
  return search::kAllMetrics[metric - 1];
}

v1::Metric MetricToProto(search::Metric metric) {
  return static_cast<v1::Metric>(static_cast<int>(metric) + 1);
}

std::optional<v1::Metric> MetricByName(absl::string_view name) {
  for (const search::Metric metric : search::kAllMetrics) {
    const MetricFacts& facts = FactsOf(metric);
    if (name == facts.name || (!name.empty() && name == facts.short_name)) {
      return MetricToProto(metric);
    }
  }
  return std::nullopt;
}

std::vector<std::string> MetricNames() { return Names(/*costs_only=*/false); }

std::vector<std::string> CostMetricNames() { return Names(/*costs_only=*/true); }

std::string MetricName(v1::Metric metric) {
  const std::optional<search::Metric> known = MetricFromProto(metric);
  if (!known.has_value()) return absl::StrCat("metric ", static_cast<int>(metric));
  return std::string(FactsOf(*known).name);
}

std::string MetricTitle(v1::Metric metric) {
  const std::optional<search::Metric> known = MetricFromProto(metric);
  return known.has_value() ? std::string(FactsOf(*known).title) : MetricName(metric);
}

bool IsMaximised(v1::Metric metric) {
  const std::optional<search::Metric> known = MetricFromProto(metric);
  return known.has_value() && FactsOf(*known).maximised;
}

std::optional<double> MetricValue(const v1::Candidate& candidate, v1::Metric metric) {
  const std::optional<search::Metric> known = MetricFromProto(metric);
  if (!known.has_value()) return std::nullopt;
  if (FactsOf(*known).cost ? !candidate.has_cost() : !candidate.has_score()) return std::nullopt;
  switch (metric) {
    case v1::METRIC_TOP1:
      return candidate.score().top1();
    case v1::METRIC_TOP5:
      return candidate.score().top5();
    case v1::METRIC_LOSS:
      return candidate.score().loss();
    case v1::METRIC_SRAM_BYTES:
      return CountValue(candidate.cost().sram_bytes());
    case v1::METRIC_FLASH_BYTES:
      return CountValue(candidate.cost().flash_bytes());
    case v1::METRIC_LATENCY_US:
      return FigureValue(candidate.cost().latency_us());
    case v1::METRIC_ENERGY_MJ:
      return FigureValue(candidate.cost().energy_mj());
    case v1::METRIC_MACS:
      return CountValue(candidate.cost().macs());
    default:
      return CountValue(candidate.cost().params());
  }
}

std::string FormatMetric(v1::Metric metric, double value) {
  const std::optional<search::Metric> known = MetricFromProto(metric);
  if (!known.has_value() || !std::isfinite(value)) return "-";
  switch (FactsOf(*known).unit) {
    case Unit::kShare:
      return absl::StrFormat("%.1f %%", 100 * value);
    case Unit::kNats:
      return absl::StrFormat("%.3f", value);
    case Unit::kBytes:
      return FormatBytes(Rounded(value));
    case Unit::kMicroseconds:
      return FormatMicros(Rounded(value));
    case Unit::kMillijoules:
      return absl::StrFormat("%.3g mJ", value);
    default:
      return FormatCount(Rounded(value));
  }
}

absl::StatusOr<double> ParseLimit(search::Metric metric, absl::string_view text) {
  const auto parse = [&]() -> absl::StatusOr<double> {
    switch (FactsOf(metric).unit) {
      case Unit::kBytes:
        return ParseBytes(text);
      case Unit::kMicroseconds:
        return ParseMicros(text);
      case Unit::kMillijoules:
        return ParseMillijoules(text);
      default:
        return ParseCount(text);
    }
  };
  NIWAKI_ASSIGN_OR_RETURN(const double limit, parse());
  if (limit > 0) return limit;
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Value(text.substr(0, 80))
      .Limit("above 0")
      .Message(absl::StrCat("'", text.substr(0, 80), "' is not above 0"));
}

}  // namespace niwaki::jobfile
