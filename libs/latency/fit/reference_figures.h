// Published and measured figures that latency models are fitted on, read from the folder of
// reference data.

#ifndef NIWAKI_LIBS_LATENCY_FIT_REFERENCE_FIGURES_H_
#define NIWAKI_LIBS_LATENCY_FIT_REFERENCE_FIGURES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/latency/latency_model.h"

namespace niwaki::latency {

// Rows of a CSV file with a header line, by column name. Fields may be quoted; quotes are doubled
// inside.
using CsvRow = std::map<std::string, std::string>;
absl::StatusOr<std::vector<CsvRow>> ParseCsv(absl::string_view text);

// Instructions of one kernel of TinyEngine (engine/figures.md, "Kernels").
struct KernelFigure {
  std::string name;
  // As CostKindOf.
  std::string kind;
  Work work;
  double instructions = 0;
};

// engine/figures.md: the kernel table, and the whole networks' instructions (TinyEngine's default
// path) by net id.
struct EngineFigures {
  std::vector<KernelFigure> kernels;
  std::map<std::string, double> instructions;
};
absl::StatusOr<EngineFigures> ParseEngineFigures(absl::string_view markdown);

// Latency in ms on the STM32H743 by net id, of the engine whose name starts so (tinyengine README).
std::map<std::string, double> H743LatenciesMs(const std::vector<CsvRow>& rows,
                                              absl::string_view engine_prefix);

// Best latency in cycles of MLPerf Tiny by board, for each (round, submitter, benchmark) of the
// closed division that is a network of convolutions (ic, kws, vww).
struct MlperfGroup {
  std::string round, submitter, benchmark;
  // "F746", "H7A3", "L4R5" → cycles.
  std::map<std::string, double> cycles;
};
std::vector<MlperfGroup> MlperfGroups(const std::vector<CsvRow>& rows);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_FIT_REFERENCE_FIGURES_H_
