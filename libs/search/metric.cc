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

struct Entry {
  Metric metric;
  std::optional<double> Metrics::*field;
  MetricFacts facts;
};

constexpr std::array<Entry, kAllMetrics.size()> kEntries = {{
    {Metric::kTop1,
     &Metrics::top1,
     {"top1", "", "top-1 accuracy", Unit::kShare, true, false, {100, "%"}}},
    {Metric::kTop5,
     &Metrics::top5,
     {"top5", "", "top-5 accuracy", Unit::kShare, true, false, {100, "%"}}},
    {Metric::kLoss, &Metrics::loss, {"loss", "", "loss", Unit::kNats, false, false, {1, "nats"}}},
    {Metric::kSramBytes,
     &Metrics::sram_bytes,
     {"sram_bytes", "sram", "SRAM", Unit::kBytes, false, true, {1.0 / 1024, "kB"}}},
    {Metric::kFlashBytes,
     &Metrics::flash_bytes,
     {"flash_bytes", "flash", "flash", Unit::kBytes, false, true, {1.0 / 1024, "kB"}}},
    {Metric::kLatencyUs,
     &Metrics::latency_us,
     {"latency_us", "latency", "latency", Unit::kMicroseconds, false, true, {1e-3, "ms"}}},
    {Metric::kEnergyMj,
     &Metrics::energy_mj,
     {"energy_mj", "energy", "energy", Unit::kMillijoules, false, true, {1, "mJ"}}},
    {Metric::kMacs,
     &Metrics::macs,
     {"macs", "", "MACs", Unit::kCount, false, true, {1e-6, "millions"}}},
    {Metric::kParams,
     &Metrics::params,
     {"params", "", "parameters", Unit::kCount, false, true, {1e-3, "thousands"}}},
}};

const Entry& EntryOf(Metric metric) {
  for (const Entry& entry : kEntries) {
    if (entry.metric == metric) return entry;
  }
  NIWAKI_CHECK(false);
}

}  // namespace

const MetricFacts& FactsOf(Metric metric) { return EntryOf(metric).facts; }

PlotAxes PlotAxesOf(absl::Span<const Metric> objectives, bool latency_known) {
  const Metric first = objectives.empty() ? Metric::kTop1 : objectives[0];
  Metric second = Metric::kTop1;
  if (objectives.size() > 1) {
    second = objectives[1];
  } else if (!IsCost(first)) {
    second = latency_known ? Metric::kLatencyUs : Metric::kMacs;
  }
  const bool first_is_y = !IsCost(first) || IsCost(second);
  return first_is_y ? PlotAxes{second, first} : PlotAxes{first, second};
}

std::optional<double>& Metrics::operator[](Metric metric) { return this->*EntryOf(metric).field; }

const std::optional<double>& Metrics::operator[](Metric metric) const {
  return this->*EntryOf(metric).field;
}

absl::StatusOr<Metric> MetricFromName(absl::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.facts.name == name) return entry.metric;
  }
  const std::string names = absl::StrJoin(kEntries, ", ", [](std::string* out, const Entry& entry) {
    absl::StrAppend(out, entry.facts.name);
  });
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("metric")
      .Value(name)
      .Limit(names)
      .Message(absl::StrCat("there is no metric \"", name, "\"; the metrics are ", names));
}

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
