#include "libs/jobs/limits.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::jobs {
namespace {

using search::Metric;

// How a device gets the figures that it lacks.
std::string Remedy(Metric metric, const search::Metrics& known) {
  std::string remedy;
  if (!known.latency_us.has_value()) {
    remedy =
        "give it a core that has a latency model, or entries of all operators or blocks in "
        "the latency table";
  }
  if (metric == Metric::kEnergyMj && !known.energy_mj.has_value()) {
    absl::StrAppend(&remedy, remedy.empty() ? "" : "; ",
                    "energy needs the device's active_power_mw");
  }
  return remedy;
}

bool IsLimited(const std::vector<search::Constraint>& limits, Metric metric) {
  return std::any_of(limits.begin(), limits.end(),
                     [&](const search::Constraint& limit) { return limit.metric == metric; });
}

}  // namespace

search::Metrics MetricsOf(const cost::Cost& cost) {
  search::Metrics metrics;
  metrics.sram_bytes = static_cast<double>(cost.sram_bytes);
  metrics.flash_bytes = static_cast<double>(cost.flash_bytes);
  metrics.macs = static_cast<double>(cost.macs);
  metrics.params = static_cast<double>(cost.params);
  metrics.latency_us = cost.latency_us.value_if_known();
  metrics.energy_mj = cost.energy_mj.value_if_known();
  return metrics;
}

void AddDeviceLimits(int64_t sram_bytes, int64_t flash_bytes, JobSpec& spec) {
  for (const auto& [metric, bytes] :
       {std::pair(Metric::kSramBytes, sram_bytes), {Metric::kFlashBytes, flash_bytes}}) {
    const bool lifted =
        std::find(spec.unlimited.begin(), spec.unlimited.end(), metric) != spec.unlimited.end();
    if (bytes <= 0 || lifted || IsLimited(spec.constraints, metric)) continue;
    spec.constraints.push_back({metric, static_cast<double>(bytes)});
  }
}

int64_t SramLimitOf(const JobSpec& spec) {
  int64_t limit = std::numeric_limits<int64_t>::max();
  for (const search::Constraint& constraint : spec.constraints) {
    if (constraint.metric != Metric::kSramBytes || constraint.max >= 9e18) continue;
    // A limit of nothing is one that nothing fits.
    limit = std::min(limit, std::max<int64_t>(1, static_cast<int64_t>(constraint.max)));
  }
  return limit;
}

std::vector<search::Constraint> LimitsOf(const JobSpec& spec) {
  std::vector<search::Constraint> limits = spec.constraints;
  for (const Metric metric : spec.objectives) {
    if (search::IsCost(metric) && !IsLimited(limits, metric)) {
      limits.push_back({metric, std::numeric_limits<double>::max()});
    }
  }
  return limits;
}

absl::Status FigureUnknown(const JobSpec& spec, const search::Violation& violation,
                           const search::Metrics& known) {
  const bool limited = violation.constraint < static_cast<int>(spec.constraints.size());
  const auto objective =
      std::find(spec.objectives.begin(), spec.objectives.end(), violation.metric);
  const std::string field =
      limited ? absl::StrCat("spec.constraints[", violation.constraint, "].metric")
              : absl::StrCat("spec.objectives[", objective - spec.objectives.begin(), "]");
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(search::MetricName(violation.metric))
      .Limit("a metric that the device has a figure for")
      .Message(absl::StrCat("device '", spec.device, "' has no figure for ",
                            search::MetricName(violation.metric), ", which the job ",
                            limited ? "limits" : "optimises", ": ",
                            Remedy(violation.metric, known)));
}

}  // namespace niwaki::jobs
