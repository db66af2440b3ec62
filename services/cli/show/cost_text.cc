#include "services/cli/show/cost_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/units.h"
#include "libs/jobfile/metric.h"

namespace niwaki::cli {
namespace {

std::string FormatFigure(v1::Metric metric, const v1::Figure& figure) {
  std::string text = jobfile::FormatMetric(metric, figure.value());
  if (figure.provenance() != v1::PROVENANCE_UNSPECIFIED) {
    absl::StrAppend(&text, " ", ProvenanceName(figure.provenance()));
  }
  if (figure.low() < figure.high()) {
    absl::StrAppend(&text, " (", jobfile::FormatMetric(metric, figure.low()), " to ",
                    jobfile::FormatMetric(metric, figure.high()), ")");
  }
  return text;
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
    default:
      return "";
  }
}

std::string FormatLatency(const v1::Figure& latency_us) {
  return FormatFigure(v1::METRIC_LATENCY_US, latency_us);
}

std::string FormatEnergy(const v1::Figure& energy_mj) {
  return FormatFigure(v1::METRIC_ENERGY_MJ, energy_mj);
}

std::vector<Column> CostColumns() {
  return {{"SRAM", Align::kRight}, {"FLASH", Align::kRight}, {"LATENCY", Align::kRight}, {"SOURCE"},
          {"MACS", Align::kRight}, {"PARAMS", Align::kRight}};
}

std::vector<std::string> CostCells(const v1::Cost& cost) {
  return {FormatBytes(cost.sram_bytes()),
          FormatBytes(cost.flash_bytes()),
          jobfile::FormatMetric(v1::METRIC_LATENCY_US, cost.latency_us().value()),
          ProvenanceName(cost.latency_us().provenance()),
          FormatCount(cost.macs()),
          FormatCount(cost.params())};
}

std::string CostLines(const v1::Cost& cost) {
  std::string text = absl::StrCat("SRAM     ", FormatBytes(cost.sram_bytes()), "\nflash    ",
                                  FormatBytes(cost.flash_bytes()), "\nlatency  ",
                                  FormatLatency(cost.latency_us()), "\n");
  if (cost.has_energy_mj() && cost.energy_mj().value() > 0) {
    absl::StrAppend(&text, "energy   ", FormatEnergy(cost.energy_mj()), "\n");
  }
  return text;
}

}  // namespace niwaki::cli
