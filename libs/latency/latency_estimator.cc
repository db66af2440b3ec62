#include "libs/latency/latency_estimator.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/cost/provenance.h"
#include "libs/engine/plan/layouts.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/op_form.h"
#include "libs/latency/signature.h"

namespace niwaki::latency {
namespace {

using cost::Figure;
using cost::Provenance;

constexpr Provenance kPreference[] = {Provenance::kMeasured, Provenance::kEmulated,
                                      Provenance::kPredicted};
constexpr size_t kPreferences = std::size(kPreference);
// Normal quantile of a two-sided interval of 90 %.
constexpr double kSigmas = 1.645;

// Adds up independent figures.
class Sum {
 public:
  void Add(const OpLatency& latency) {
    mean_ += latency.mean_us;
    variance_ += latency.spread_us * latency.spread_us;
  }
  Figure ToFigure(Provenance provenance) const {
    const double margin = kSigmas * std::sqrt(variance_);
    return Figure::Of(mean_, std::max(0.0, mean_ - margin), mean_ + margin, provenance);
  }

 private:
  double mean_ = 0;
  double variance_ = 0;
};

// The sum over the table's operators; nullopt when one is missing.
std::optional<Sum> SumOf(const LatencySnapshot::OpTable& table, const arch::Graph& graph) {
  Sum sum;
  for (const arch::Op& op : graph.ops) {
    const auto it = table.find(OpSignature::Of(graph, op));
    if (it == table.end()) return std::nullopt;
    sum.Add(it->second);
  }
  return sum;
}

// The same over a build's operators as they are emitted.
std::optional<Sum> SumOf(const LatencySnapshot::FormTables& tables, const arch::Graph& graph,
                         const std::vector<engine::Layout>& layouts) {
  Sum sum;
  for (const arch::Op& op : graph.ops) {
    const auto* const table = tables[static_cast<size_t>(FormOf(op, layouts))];
    if (table == nullptr) return std::nullopt;
    const auto it = table->find(OpSignature::Of(graph, op));
    if (it == table->end()) return std::nullopt;
    sum.Add(it->second);
  }
  return sum;
}

bool HasAny(const LatencySnapshot::FormTables& tables) {
  return std::any_of(tables.begin(), tables.end(), [](const auto* table) { return table; });
}

// The same over blocks.
std::optional<Sum> SumOf(const LatencySnapshot::BlockTable& table,
                         const std::vector<BlockOfGraph>& blocks) {
  Sum sum;
  for (const BlockOfGraph& block : blocks) {
    const auto it = table.find(block.signature);
    if (it == table.end()) return std::nullopt;
    sum.Add(it->second);
  }
  return sum;
}

}  // namespace

LatencyEstimator::LatencyEstimator(const device::Device& device,
                                   std::shared_ptr<const LatencySnapshot> snapshot)
    : snapshot_(std::move(snapshot)),
      device_(device.name),
      core_(device.core),
      clock_mhz_(device.clock_hz / 1e6),
      model_(snapshot_->ModelFor(device)) {
  if (model_ != nullptr) cycles_.emplace(*model_);
  for (size_t i = 0; i < kPreferences; ++i) {
    tables_[i] = snapshot_->Table(device.name, kPreference[i]);
    block_tables_[i] = snapshot_->Blocks(device.name, kPreference[i]);
    has_blocks_ |= block_tables_[i] != nullptr;
    built_tables_[i] = snapshot_->BuiltTables(device.name, kPreference[i]);
    has_built_ |= HasAny(built_tables_[i]);
  }
}

cost::Figure LatencyEstimator::LatencyUs(const arch::Graph& graph) const {
  std::vector<BlockOfGraph> blocks;
  if (has_blocks_) {
    // A network of other blocks has no entries either.
    absl::StatusOr<std::vector<BlockOfGraph>> found = BlocksOf(graph);
    if (found.ok()) blocks = *std::move(found);
  }
  std::vector<engine::Layout> layouts;
  if (has_built_) layouts = engine::WholeLayouts().Of(graph);
  for (size_t i = 0; i < kPreferences; ++i) {
    if (block_tables_[i] != nullptr && !blocks.empty()) {
      const std::optional<Sum> sum = SumOf(*block_tables_[i], blocks);
      if (sum.has_value()) return sum->ToFigure(kPreference[i]);
    }
    if (HasAny(built_tables_[i])) {
      const std::optional<Sum> sum = SumOf(built_tables_[i], graph, layouts);
      if (sum.has_value()) return sum->ToFigure(kPreference[i]);
    }
    if (tables_[i] != nullptr) {
      const std::optional<Sum> sum = SumOf(*tables_[i], graph);
      if (sum.has_value()) return sum->ToFigure(kPreference[i]);
    }
  }
  return PredictUs(graph);
}

std::optional<RowCoverage> LatencyEstimator::Coverage(const arch::Graph& graph) const {
  std::optional<RowCoverage> best;
  const auto offer = [&](const auto& has_row) {
    RowCoverage coverage;
    for (const arch::Op& op : graph.ops) {
      ++coverage.operators;
      if (!has_row(op)) ++coverage.missing;
    }
    if (!best.has_value() || coverage.missing < best->missing) best = coverage;
  };
  engine::WholeLayouts whole_layouts;
  for (size_t i = 0; i < kPreferences; ++i) {
    if (HasAny(built_tables_[i])) {
      const std::vector<engine::Layout>& layouts = whole_layouts.Of(graph);
      offer([&](const arch::Op& op) {
        const auto* const table = built_tables_[i][static_cast<size_t>(FormOf(op, layouts))];
        return table != nullptr && table->contains(OpSignature::Of(graph, op));
      });
    }
    if (tables_[i] == nullptr) continue;
    offer([&](const arch::Op& op) { return tables_[i]->contains(OpSignature::Of(graph, op)); });
  }
  return best;
}

cost::Figure LatencyEstimator::PredictUs(const arch::Graph& graph) const {
  if (model_ == nullptr) return Figure();
  const absl::StatusOr<double> cycles = cycles_->Cycles(graph);
  if (!cycles.ok()) return Figure();
  return LatencyOfCycles(*model_, *cycles, clock_mhz_);
}

absl::Status LatencyEstimator::WhyUnknown(const arch::Graph& graph) const {
  if (LatencyUs(graph).known()) return absl::OkStatus();
  std::string why;
  if (model_ != nullptr) {
    why = std::string(PredictCycles(*model_, graph).status().message());
  } else {
    why = absl::StrCat("there is no latency model for device '", device_, "' or its core '", core_,
                       "'");
  }
  const bool has_entries =
      has_blocks_ || has_built_ ||
      std::any_of(tables_.begin(), tables_.end(), [](const auto* table) { return table; });
  absl::StrAppend(&why, has_entries ? ", and the latency table lacks a part of the network"
                                    : ", and the latency table has no entries of the device");
  return Error(absl::StatusCode::kFailedPrecondition, reason::kLatencyUnknown)
      .Field("device")
      .Value(device_)
      .Message(why);
}

}  // namespace niwaki::latency
