#include "libs/latency/latency_estimator.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/signature.h"

namespace niwaki::latency {
namespace {

constexpr Provenance kPreference[] = {Provenance::kMeasured, Provenance::kEmulated,
                                      Provenance::kPredicted};
// Normal quantile of a two-sided interval of 90 %.
constexpr double kSigmas = 1.645;

// The sum over the table's entries; nullopt when an operator is missing.
std::optional<Figure> SumOf(const LatencySnapshot::OpTable& table, const arch::Graph& graph) {
  double mean = 0;
  double variance = 0;
  for (const arch::Op& op : graph.ops) {
    const auto it = table.find(OpSignature::Of(graph, op));
    if (it == table.end()) return std::nullopt;
    mean += it->second.mean_us;
    variance += it->second.spread_us * it->second.spread_us;
  }
  const double margin = kSigmas * std::sqrt(variance);
  return Figure{mean, std::max(0.0, mean - margin), mean + margin, Provenance::kPredicted};
}

}  // namespace

LatencyEstimator::LatencyEstimator(const Device& device,
                                   std::shared_ptr<const LatencySnapshot> snapshot,
                                   const LatencyModel* model)
    : snapshot_(std::move(snapshot)), clock_mhz_(device.clock_hz / 1e6), model_(model) {
  for (size_t i = 0; i < tables_.size(); ++i) {
    tables_[i] = snapshot_->Table(device.name, kPreference[i]);
  }
}

absl::StatusOr<LatencyEstimator> LatencyEstimator::Create(
    const Device& device, std::shared_ptr<const LatencySnapshot> snapshot) {
  const LatencyModel* model = snapshot->ModelFor(device);
  if (model == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kDeviceUnknown)
        .Field("device")
        .Value(device.name)
        .Message(absl::StrCat("no latency model for ", device.name, " or ", device.core));
  }
  return LatencyEstimator(device, std::move(snapshot), model);
}

Figure LatencyEstimator::LatencyUs(const arch::Graph& graph) const {
  for (size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i] == nullptr) continue;
    std::optional<Figure> sum = SumOf(*tables_[i], graph);
    if (!sum.has_value()) continue;
    sum->provenance = kPreference[i];
    return *sum;
  }
  return PredictUs(graph);
}

Figure LatencyEstimator::PredictUs(const arch::Graph& graph) const {
  const double value = PredictCycles(*model_, graph) / clock_mhz_;
  return {value, value / model_->interval_ratio, value * model_->interval_ratio,
          Provenance::kPredicted};
}

}  // namespace niwaki::latency
