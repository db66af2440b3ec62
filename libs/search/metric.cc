#include "libs/search/metric.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"

namespace niwaki::search {
namespace {

struct MetricInfo {
  Metric metric;
  absl::string_view name;
  bool maximised;
  bool cost;
  std::optional<double> Metrics::*field;
};

constexpr std::array<MetricInfo, kAllMetrics.size()> kInfos = {{
    {Metric::kTop1, "top1", true, false, &Metrics::top1},
    {Metric::kTop5, "top5", true, false, &Metrics::top5},
    {Metric::kLoss, "loss", false, false, &Metrics::loss},
    {Metric::kSramBytes, "sram_bytes", false, true, &Metrics::sram_bytes},
    {Metric::kFlashBytes, "flash_bytes", false, true, &Metrics::flash_bytes},
    {Metric::kLatencyUs, "latency_us", false, true, &Metrics::latency_us},
    {Metric::kEnergyMj, "energy_mj", false, true, &Metrics::energy_mj},
    {Metric::kMacs, "macs", false, true, &Metrics::macs},
    {Metric::kParams, "params", false, true, &Metrics::params},
}};

const MetricInfo& InfoOf(Metric metric) {
  for (const MetricInfo& info : kInfos) {
    if (info.metric == metric) return info;
  }
  NIWAKI_CHECK(false);
}

}  // namespace

std::optional<double>& Metrics::operator[](Metric metric) { return this->*InfoOf(metric).field; }

const std::optional<double>& Metrics::operator[](Metric metric) const {
  return this->*InfoOf(metric).field;
}

absl::string_view MetricName(Metric metric) { return InfoOf(metric).name; }

absl::StatusOr<Metric> MetricFromName(absl::string_view name) {
  for (const MetricInfo& info : kInfos) {
    if (info.name == name) return info.metric;
  }
  const std::string names = absl::StrJoin(
      kInfos, ", ",
      [](std::string* out, const MetricInfo& info) { absl::StrAppend(out, info.name); });
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("metric")
      .Value(name)
      .Limit(names)
      .Message(absl::StrCat("there is no metric \"", name, "\"; the metrics are ", names));
}

bool IsMaximised(Metric metric) { return InfoOf(metric).maximised; }

bool IsCost(Metric metric) { return InfoOf(metric).cost; }

absl::StatusOr<Objectives> ObjectivesOf(const Metrics& metrics,
                                        absl::Span<const Metric> objectives) {
  Objectives values;
  values.reserve(objectives.size());
  for (const Metric metric : objectives) {
    const std::optional<double>& value = metrics[metric];
    if (!value.has_value() || !std::isfinite(*value)) {
      const std::string text = value.has_value() ? absl::StrCat(*value) : "absent";
      return Error(absl::StatusCode::kInvalidArgument, reason::kScoreNotFinite)
          .Field(MetricName(metric))
          .Value(text)
          .Limit("a finite number")
          .Message(absl::StrCat("objective ", MetricName(metric), " is ", text,
                                ", not a finite number"));
    }
    values.push_back(IsMaximised(metric) ? -*value : *value);
  }
  return values;
}

}  // namespace niwaki::search
