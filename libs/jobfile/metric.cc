#include "libs/jobfile/metric.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/log.h"
#include "libs/base/units.h"
#include "libs/cost/cost_message.h"

namespace niwaki::jobfile {
namespace {

struct Entry {
  v1::Metric metric;
  const char* name;
  // Without the unit; "" where the name has none.
  const char* short_name;
  const char* title;
  bool is_cost;
};

constexpr Entry kEntries[] = {
    {v1::METRIC_TOP1, "top1", "", "top-1 accuracy", false},
    {v1::METRIC_TOP5, "top5", "", "top-5 accuracy", false},
    {v1::METRIC_LOSS, "loss", "", "loss", false},
    {v1::METRIC_SRAM_BYTES, "sram_bytes", "sram", "SRAM", true},
    {v1::METRIC_FLASH_BYTES, "flash_bytes", "flash", "flash", true},
    {v1::METRIC_LATENCY_US, "latency_us", "latency", "latency", true},
    {v1::METRIC_ENERGY_MJ, "energy_mj", "energy", "energy", true},
    {v1::METRIC_MACS, "macs", "", "MACs", true},
    {v1::METRIC_PARAMS, "params", "", "parameters", true},
};

const Entry* Find(v1::Metric metric) {
  for (const Entry& entry : kEntries) {
    if (entry.metric == metric) return &entry;
  }
  return nullptr;
}

std::vector<std::string> Names(bool costs_only) {
  std::vector<std::string> names;
  for (const Entry& entry : kEntries) {
    if (costs_only && !entry.is_cost) continue;
    if (*entry.short_name != '\0') names.push_back(entry.short_name);
    names.push_back(entry.name);
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

std::optional<v1::Metric> MetricByName(absl::string_view name) {
  for (const Entry& entry : kEntries) {
    if (name == entry.name || (!name.empty() && name == entry.short_name)) return entry.metric;
  }
  return std::nullopt;
}

std::vector<std::string> MetricNames() { return Names(/*costs_only=*/false); }

std::vector<std::string> CostMetricNames() { return Names(/*costs_only=*/true); }

std::string MetricName(v1::Metric metric) {
  const Entry* entry = Find(metric);
  return entry == nullptr ? absl::StrCat("metric ", static_cast<int>(metric)) : entry->name;
}

std::string MetricTitle(v1::Metric metric) {
  const Entry* entry = Find(metric);
  return entry == nullptr ? MetricName(metric) : entry->title;
}

bool IsMaximised(v1::Metric metric) {
  return metric == v1::METRIC_TOP1 || metric == v1::METRIC_TOP5;
}

std::optional<double> MetricValue(const v1::Candidate& candidate, v1::Metric metric) {
  const Entry* entry = Find(metric);
  if (entry == nullptr || (entry->is_cost ? !candidate.has_cost() : !candidate.has_score())) {
    return std::nullopt;
  }
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
  if (!std::isfinite(value)) return "-";
  switch (metric) {
    case v1::METRIC_TOP1:
    case v1::METRIC_TOP5:
      return absl::StrFormat("%.1f %%", 100 * value);
    case v1::METRIC_LOSS:
      return absl::StrFormat("%.3f", value);
    case v1::METRIC_SRAM_BYTES:
    case v1::METRIC_FLASH_BYTES:
      return FormatBytes(Rounded(value));
    case v1::METRIC_LATENCY_US:
      return FormatMicros(Rounded(value));
    case v1::METRIC_ENERGY_MJ:
      return absl::StrFormat("%.3g mJ", value);
    default:
      return FormatCount(Rounded(value));
  }
}

}  // namespace niwaki::jobfile
