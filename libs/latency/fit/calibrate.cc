#include "libs/latency/fit/calibrate.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"
#include "libs/latency/fit/instruction_rates.h"

namespace niwaki::latency {
namespace {

constexpr double kH743Mhz = 480;
constexpr char kNearestEngine[] = "TinyEngine";
// Nobody has published figures of the core: how far a board may be off besides, as a logarithm.
constexpr double kUnmeasuredSpread = 0.2;

std::vector<double> Logarithms(const std::vector<double>& factors) {
  std::vector<double> logarithms;
  for (const double factor : factors) logarithms.push_back(std::log(factor));
  return logarithms;
}

// Each over the geometric mean of the others, as logarithms.
std::vector<double> LeftOut(const std::vector<double>& factors) {
  const std::vector<double> logarithms = Logarithms(factors);
  const auto count = static_cast<double>(factors.size());
  double sum = 0;
  for (const double logarithm : logarithms) sum += logarithm;
  std::vector<double> errors;
  for (const double logarithm : logarithms) {
    errors.push_back(logarithm - (sum - logarithm) / (count - 1));
  }
  return errors;
}

// Every sum of one of each.
std::vector<double> Combined(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> sums;
  for (const double x : a) {
    for (const double y : b) sums.push_back(x + y);
  }
  return sums;
}

// `errors` are logarithms of published over predicted.
void SetErrors(const std::vector<double>& errors, double unmeasured, Calibration& calibration) {
  double squares = 0;
  for (const double error : errors) {
    // Of the prediction, as a share of what was published.
    const double relative = std::abs(std::expm1(-error));
    calibration.held_out_error += relative / static_cast<double>(errors.size());
    calibration.worst_error = std::max(calibration.worst_error, relative);
    squares += error * error / static_cast<double>(errors.size());
  }
  calibration.held_out = static_cast<int>(errors.size());
  calibration.interval_ratio = IntervalRatio({std::sqrt(squares), unmeasured});
}

// Errors on networks of an M7.
std::vector<double> EngineErrors(const PublishedFactors& factors, const std::string& engine) {
  if (engine != kOwnEngine) return LeftOut(factors.by_engine.at(engine));
  const std::vector<double>& nearest = factors.by_engine.at(kNearestEngine);
  std::vector<double> errors = LeftOut(nearest);
  const double mean = LogFactorOf(nearest).mean;
  for (const auto& [other, of_networks] : factors.by_engine) {
    if (other == kNearestEngine) continue;
    for (const double logarithm : Logarithms(of_networks)) errors.push_back(logarithm - mean);
  }
  return errors;
}

Calibration CalibrationOf(const PublishedFactors& factors, const std::string& core,
                          const std::string& engine) {
  // Nobody has measured an M3: as an M4.
  const bool unmeasured = core == "cortex-m3";
  const std::string ratio_of = unmeasured ? "cortex-m4" : core;
  const std::string base = engine == kOwnEngine ? kNearestEngine : engine;
  const std::vector<double>& of_networks = factors.by_engine.at(base);
  Calibration calibration;
  calibration.core = core;
  calibration.engine = engine;
  calibration.pairs = static_cast<int>(of_networks.size());
  calibration.cycles_per_instruction = LogFactorOf(of_networks).factor();
  calibration.source =
      absl::StrCat(base, "'s published latencies on an STM32H743 over its counted instructions");
  std::vector<double> errors = EngineErrors(factors, engine);
  const auto ratios = factors.over_m7.find(ratio_of);
  if (ratios != factors.over_m7.end()) {
    const LogFactor ratio = LogFactorOf(ratios->second);
    errors = Combined(errors, LeftOut(ratios->second));
    if (core != "cortex-m7") {
      calibration.cycles_per_instruction *= ratio.factor();
      absl::StrAppendFormat(&calibration.source, ", times %.3f (%s over M7, MLPerf Tiny)",
                            ratio.factor(), ratio_of);
    }
  }
  if (engine == kOwnEngine) {
    absl::StrAppend(&calibration.source, "; nobody has measured Niwaki's kernels");
  }
  if (unmeasured) absl::StrAppend(&calibration.source, "; taken as a Cortex-M4");
  SetErrors(errors, unmeasured ? kUnmeasuredSpread : 0, calibration);
  return calibration;
}

absl::StatusOr<std::vector<CsvRow>> ReadCsv(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseCsv(text);
}

}  // namespace

absl::StatusOr<PublishedFactors> ReadPublishedFactors(const std::string& shared) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(shared + "/engine/figures.md"));
  NIWAKI_ASSIGN_OR_RETURN(const EngineFigures figures, ParseEngineFigures(text));
  NIWAKI_ASSIGN_OR_RETURN(
      const auto h743, ReadCsv(shared + "/measured/mcunet_tables/tinyengine_readme_stm32h743.csv"));
  NIWAKI_ASSIGN_OR_RETURN(
      const auto mlperf, ReadCsv(shared + "/measured/mlperf_tiny_results/mlperf_tiny_results.csv"));
  const std::vector<MlperfGroup> groups = MlperfGroups(mlperf);
  PublishedFactors factors;
  for (const auto& [engine, instructions] : figures.instructions) {
    factors.by_engine[engine] =
        NetworkFactors(instructions, H743LatenciesMs(h743, engine), kH743Mhz);
  }
  factors.over_m7["cortex-m7"] = BoardFactors(groups, "F746", {"H7A3"});
  factors.over_m7["cortex-m4"] = BoardFactors(groups, "L4R5", {"F746", "H7A3"});
  factors.over_m7["cortex-m33"] = BoardFactors(groups, "U575", {"F746", "H7A3"});
  factors.m33_over_m4 = BoardFactors(groups, "U575", {"L4R5"});
  return factors;
}

std::vector<Calibration> Calibrate(const PublishedFactors& factors) {
  std::vector<Calibration> calibrations;
  for (const std::string core : {"cortex-m3", "cortex-m33", "cortex-m4", "cortex-m7"}) {
    for (const auto& [engine, of_networks] : factors.by_engine) {
      calibrations.push_back(CalibrationOf(factors, core, engine));
    }
    calibrations.push_back(CalibrationOf(factors, core, kOwnEngine));
  }
  return calibrations;
}

}  // namespace niwaki::latency
