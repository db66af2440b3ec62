#include "services/cli/show/cost_text.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "libs/base/text/units.h"
#include "libs/cost/cost_message.h"
#include "libs/jobfile/metric.h"

namespace niwaki::cli {
namespace {

constexpr char kUnknown[] = "unknown";

std::string FormatFigure(v1::Metric metric, const v1::Figure& figure) {
  if (!cost::IsKnown(figure)) return kUnknown;
  std::string text = absl::StrCat(jobfile::FormatMetric(metric, figure.value()), " ",
                                  ProvenanceName(figure.provenance()));
  if (figure.low() < figure.high()) {
    absl::StrAppend(&text, " (", jobfile::FormatMetric(metric, figure.low()), " to ",
                    jobfile::FormatMetric(metric, figure.high()), ")");
  }
  return text;
}

// Of the latency; and how many rows of the table were missing for a sum.
std::string SourceOf(const v1::Cost& cost) {
  const std::string name = ProvenanceName(cost.latency_us().provenance());
  if (cost.latency_rows_missing() == 0) return name;
  return absl::StrCat(name, ", ", cost.latency_rows_missing(), " rows missing");
}

std::string MissingNote(const v1::Cost& cost) {
  if (cost.latency_rows_missing() == 0) return "";
  return absl::StrCat("; the latency table lacks ", cost.latency_rows_missing(),
                      " of its operators");
}

}  // namespace

std::string ProvenanceName(v1::Provenance provenance) {
  switch (provenance) {
    case v1::PROVENANCE_EXACT:
      return "exact";
    case v1::PROVENANCE_MEASURED:
      return "measured";
    case v1::PROVENANCE_EMULATED:
      return "emulated";
    case v1::PROVENANCE_PREDICTED:
      return "predicted";
    case v1::PROVENANCE_UNSPECIFIED:
      return "";
    default:
      return absl::StrCat("provenance ", static_cast<int>(provenance));
  }
}

std::string FormatLatency(const v1::Figure& latency_us) {
  return FormatFigure(v1::METRIC_LATENCY_US, latency_us);
}

std::string FormatEnergy(const v1::Figure& energy_mj) {
  return FormatFigure(v1::METRIC_ENERGY_MJ, energy_mj);
}

std::vector<Column> CostColumns(bool with_energy) {
  std::vector<Column> columns = {
      {"SRAM", Align::kRight}, {"FLASH", Align::kRight}, {"LATENCY", Align::kRight}, {"SOURCE"}};
  if (with_energy) columns.push_back({"ENERGY", Align::kRight});
  columns.push_back({"MACS", Align::kRight});
  columns.push_back({"PARAMS", Align::kRight});
  columns.push_back({"SCHEDULE"});
  return columns;
}

std::vector<std::string> CostCells(const v1::Cost& cost, bool with_energy) {
  std::vector<std::string> cells = {
      FormatBytes(cost.sram_bytes()), FormatBytes(cost.flash_bytes()),
      cost::IsKnown(cost.latency_us())
          ? jobfile::FormatMetric(v1::METRIC_LATENCY_US, cost.latency_us().value())
          : kUnknown,
      SourceOf(cost)};
  const v1::Figure& energy = cost.energy_mj();
  if (with_energy) {
    cells.push_back(cost::IsKnown(energy)
                        ? absl::StrCat(jobfile::FormatMetric(v1::METRIC_ENERGY_MJ, energy.value()),
                                       " ", ProvenanceName(energy.provenance()))
                        : kUnknown);
  }
  cells.push_back(FormatCount(cost.macs()));
  cells.push_back(FormatCount(cost.params()));
  cells.push_back(cost.schedule());
  return cells;
}

std::string UnknownNotes(const google::protobuf::RepeatedPtrField<v1::Cost>& costs) {
  std::string text;
  std::set<std::string> told;
  for (const v1::Cost& cost : costs) {
    if (cost.latency_unknown().empty() || !told.insert(cost.latency_unknown()).second) continue;
    absl::StrAppend(&text, "latency unknown: ", cost.latency_unknown(), "\n");
  }
  return text;
}

std::string CostLines(const v1::Cost& cost) {
  std::string text =
      absl::StrCat("SRAM     ", FormatBytes(cost.sram_bytes()), cost.schedule().empty() ? "" : ", ",
                   cost.schedule(), "\nflash    ", FormatBytes(cost.flash_bytes()), "\nlatency  ",
                   FormatLatency(cost.latency_us()), MissingNote(cost),
                   cost.latency_unknown().empty() ? "" : ": ", cost.latency_unknown(),
                   "\nenergy   ", FormatEnergy(cost.energy_mj()), "\n");
  if (cost.schedules_size() < 2) return text;
  for (const v1::ScheduleCost& schedule : cost.schedules()) {
    absl::StrAppend(
        &text, "schedule ", schedule.name(), ": SRAM ", FormatBytes(schedule.sram_bytes()),
        ", flash ", FormatBytes(schedule.flash_bytes()),
        absl::StrFormat(", %.1f %% more instructions", 100 * (schedule.slowdown() - 1)), "\n");
  }
  return text;
}

}  // namespace niwaki::cli
