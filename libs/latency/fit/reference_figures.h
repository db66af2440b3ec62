// Published and measured figures that latency models are fitted on, read from the folder of
// reference data.

#ifndef NIWAKI_LIBS_LATENCY_FIT_REFERENCE_FIGURES_H_
#define NIWAKI_LIBS_LATENCY_FIT_REFERENCE_FIGURES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::latency {

// Rows of a CSV file with a header line, by column name. Fields may be quoted; quotes are doubled
// inside.
using CsvRow = std::map<std::string, std::string>;
absl::StatusOr<std::vector<CsvRow>> ParseCsv(absl::string_view text);

// engine/figures.md: whole networks' instructions, counted under the emulator that counts ours, by
// engine ("TinyEngine" by its default path, "CMSIS-NN" in the published version, "TFLM") and net
// id.
struct EngineFigures {
  std::map<std::string, std::map<std::string, double>> instructions;
};
absl::StatusOr<EngineFigures> ParseEngineFigures(absl::string_view markdown);

// Latency in ms on the STM32H743 by net id, of the engine whose name starts so (tinyengine README).
std::map<std::string, double> H743LatenciesMs(const std::vector<CsvRow>& rows,
                                              absl::string_view engine_prefix);

// Best latency in cycles of MLPerf Tiny by board, for each (round, submitter, benchmark) of the
// closed division that is a network of convolutions (ic, kws, vww).
struct MlperfGroup {
  std::string round, submitter, benchmark;
  // "F746", "H7A3" (Cortex-M7), "L4R5" (M4), "U575" (M33) → cycles.
  std::map<std::string, double> cycles;
};
std::vector<MlperfGroup> MlperfGroups(const std::vector<CsvRow>& rows);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_FIT_REFERENCE_FIGURES_H_
