// Fits the default latency coefficients on instructions of this project's own kernels, counted on
// emulated boards.
//
//   fit_latency SHARED REPOSITORY
//
// reads figures and networks of SHARED, writes libs/latency/default_coefficients.json of REPOSITORY
// and the report at the end of its docs/latency-model.md, which explains the steps.

#include <cmath>
#include <cstdio>
#include <future>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/file.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/status_macros.h"
#include "libs/latency/fit/calibrate.h"
#include "libs/latency/fit/instruction_rates.h"
#include "libs/latency/latency_model.h"
#include "tests/latency/core_counts.h"
#include "tests/latency/counted_layers.h"
#include "tests/latency/fit_report.h"
#include "tests/latency/operator_fit.h"

namespace niwaki::latency {
namespace {

constexpr char kCoefficients[] = "/libs/latency/default_coefficients.json";
constexpr char kDocument[] = "/docs/latency-model.md";
constexpr char kHeading[] = "## Report of the fit";
// Nobody has published this engine's or another's counted network on a board with the core: how far
// an instruction's cycles may be off besides, as a logarithm.
constexpr double kUnmeasuredSpread = 0.2;

// Those that are counted: by plain kernels and by fast ones. Cores with the DSP extension run the
// same sources; what compilers make of them differs little.
constexpr const char* kPlainCore = "cortex-m3";
constexpr const char* kFastCore = "cortex-m7";
constexpr const char* kOtherFastCore = "cortex-m4";
// Networks that are counted there.
constexpr int kOnOtherCore = 3;

// What was counted on one core, and the fit.
struct CoreFit {
  std::vector<CountedOperator> operators;
  // In instructions.
  LatencyModel model;
  std::vector<NetworkCount> held_out;
  std::vector<NetworkCount> published;
  // On another core by the same kernels.
  std::vector<NetworkCount> other_core;
};

// Cycles that an instruction takes, and how far that may be off.
struct Rates {
  std::map<std::string, LogFactor> by_engine;
  // Over the engines' factors.
  LogFactor engines;
  LogFactor other_m7;
  LogFactor m4_over_m7;
  LogFactor m33_over_m7;
  LogFactor m33_over_m4;
};

absl::StatusOr<CoreFit> FitCore(const std::string& shared, const std::string& core) {
  CoreFit fit;
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<CountedCase> cases, FitCases());
  NIWAKI_ASSIGN_OR_RETURN(fit.operators, CountOperators(cases, core));
  fit.model.target = core;
  NIWAKI_ASSIGN_OR_RETURN(fit.model.coefficients, FitOperators(fit.operators));
  NIWAKI_ASSIGN_OR_RETURN(std::vector<CountedCase> others, HeldOutCases());
  NIWAKI_ASSIGN_OR_RETURN(fit.held_out, CountNetworks(others, core, fit.model));
  if (core != kFastCore) return fit;
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<CountedCase> published, PublishedCases(shared));
  NIWAKI_ASSIGN_OR_RETURN(fit.published, CountNetworks(published, core, fit.model));
  others.erase(others.begin() + kOnOtherCore, others.end());
  NIWAKI_ASSIGN_OR_RETURN(fit.other_core, CountNetworks(others, kOtherFastCore, fit.model));
  return fit;
}

absl::StatusOr<Rates> ReadRates(const std::string& shared) {
  NIWAKI_ASSIGN_OR_RETURN(const PublishedFactors published, ReadPublishedFactors(shared));
  Rates rates;
  std::vector<double> factors;
  for (const auto& [engine, of_networks] : published.by_engine) {
    rates.by_engine[engine] = LogFactorOf(of_networks);
    factors.push_back(rates.by_engine[engine].factor());
  }
  rates.engines = LogFactorOf(factors);
  rates.other_m7 = LogFactorOf(published.over_m7.at("cortex-m7"));
  rates.m4_over_m7 = LogFactorOf(published.over_m7.at("cortex-m4"));
  rates.m33_over_m7 = LogFactorOf(published.over_m7.at("cortex-m33"));
  rates.m33_over_m4 = LogFactorOf(published.m33_over_m4);
  return rates;
}

// The root mean square of the logarithms of errors on networks that the fit has not seen.
double SpreadOf(const CoreFit& fit) {
  std::vector<double> ratios;
  for (const auto* const networks : {&fit.held_out, &fit.published, &fit.other_core}) {
    for (const NetworkCount& network : *networks) ratios.push_back(network.ratio());
  }
  const LogFactor factor = LogFactorOf(ratios);
  return std::hypot(factor.mean, factor.spread);
}

// `fit` in cycles, on `target`.
LatencyModel ModelOf(const CoreFit& fit, const std::string& target, double cycles_per_instruction,
                     std::vector<double> spreads, const std::string& why) {
  LatencyModel model = fit.model;
  model.target = target;
  model.cycles_per_instruction = cycles_per_instruction;
  for (auto& [name, c] : model.coefficients) {
    c.cycles_per_mac *= cycles_per_instruction;
    c.cycles_per_input_byte *= cycles_per_instruction;
    c.cycles_per_output_byte *= cycles_per_instruction;
    c.cycles_per_weight_byte *= cycles_per_instruction;
    c.cycles_per_call *= cycles_per_instruction;
  }
  spreads.push_back(SpreadOf(fit));
  model.interval_ratio = IntervalRatio(spreads);
  model.source = absl::StrFormat(
      "Niwaki's own kernels: instructions counted on an emulated %s (EMULATED) times %.3f cycles "
      "an instruction (PREDICTED): %s",
      fit.model.target, cycles_per_instruction, why);
  return model;
}

std::vector<LatencyModel> ModelsOf(const std::map<std::string, CoreFit>& fits, const Rates& rates) {
  // Of the engine that comes closest: it has kernels of the same kind, by the DSP extension.
  const double h743 = rates.by_engine.at("TinyEngine").factor();
  const double engines = rates.engines.spread;
  const double m4 = h743 * rates.m4_over_m7.factor();
  const std::string base = "TinyEngine's published latencies on an STM32H743 over its instructions";
  const std::string scaled = base + ", times the cycles of ";
  return {
      ModelOf(fits.at(kPlainCore), "cortex-m3", m4,
              {engines, rates.m4_over_m7.spread, kUnmeasuredSpread},
              "as a Cortex-M4, which nobody has measured"),
      ModelOf(fits.at(kFastCore), "cortex-m33", h743 * rates.m33_over_m7.factor(),
              {engines, rates.m33_over_m7.spread},
              scaled + "an M33 over an M7 (MLPerf Tiny, U575)"),
      ModelOf(fits.at(kFastCore), "cortex-m4", m4, {engines, rates.m4_over_m7.spread},
              scaled + "an M4 over an M7 (MLPerf Tiny, L4R5)"),
      ModelOf(fits.at(kFastCore), "cortex-m7", h743, {engines, rates.other_m7.spread},
              base + "; other M7 boards taken as equal (MLPerf Tiny, F746 and H7A3)"),
      ModelOf(fits.at(kFastCore), "stm32h743", h743, {engines}, base),
  };
}

std::string RatesText(const Rates& rates) {
  std::string text =
      "### Cycles an instruction\n\nOn the STM32H743, published latency over instructions counted "
      "under the emulator:\n\n| engine | networks | cycles an instruction | instructions a cycle | "
      "spread |\n|---|---|---|---|---|\n";
  const auto row = [&text](const std::string& name, const LogFactor& of) {
    absl::StrAppendFormat(&text, "| %s | %d | %.3f | %.2f | %.1f %% |\n", name, of.count,
                          of.factor(), 1 / of.factor(), 100 * of.spread);
  };
  for (const auto& [engine, factor] : rates.by_engine) row(engine, factor);
  row("between engines", rates.engines);
  absl::StrAppend(&text,
                  "\nBoards, MLPerf Tiny v0.7 to v1.2, closed; cycles for the same network by the "
                  "same engine:\n\n| boards | pairs | ratio | spread |\n|---|---|---|---|\n");
  const auto pair = [&text](const std::string& name, const LogFactor& of) {
    absl::StrAppendFormat(&text, "| %s | %d | %.3f | %.1f %% |\n", name, of.count, of.factor(),
                          100 * of.spread);
  };
  pair("M7 over M7 (F746 over H7A3)", rates.other_m7);
  pair("M4 over M7 (L4R5)", rates.m4_over_m7);
  pair("M33 over M7 (U575)", rates.m33_over_m7);
  pair("M33 over M4 (U575 over L4R5)", rates.m33_over_m4);
  return text + "\n";
}

std::string ReportOf(const std::map<std::string, CoreFit>& fits, const Rates& rates,
                     const std::vector<LatencyModel>& models) {
  std::string text = RatesText(rates);
  for (const auto& [core, fit] : fits) {
    absl::StrAppend(&text, "### Instructions on ", core,
                    "\n\nNetworks that are not in the fit:\n\n", NetworkTable(fit.held_out), "\n");
    if (!fit.other_core.empty()) {
      absl::StrAppend(&text, "Published networks, not in the fit either:\n\n",
                      NetworkTable(fit.published), "\nThe same model against counts on ",
                      kOtherFastCore, ":\n\n", NetworkTable(fit.other_core), "\n");
    }
    absl::StrAppend(&text, "Operators of the fit, in sample:\n\n",
                    OperatorTable(fit.model, fit.operators), "\n");
  }
  absl::StrAppend(&text,
                  "### Models\n\n| target | cycles an instruction | interval |\n|---|---|"
                  "---|\n");
  for (const LatencyModel& model : models) {
    absl::StrAppendFormat(&text, "| %s | %.3f | within a factor of %.2f |\n", model.target,
                          model.cycles_per_instruction, model.interval_ratio);
  }
  return text;
}

absl::Status Run(const std::string& shared, const std::string& repository) {
  NIWAKI_ASSIGN_OR_RETURN(const Rates rates, ReadRates(shared));
  NIWAKI_ASSIGN_OR_RETURN(const std::string document, ReadFile(repository + kDocument));
  std::map<std::string, std::future<absl::StatusOr<CoreFit>>> running;
  for (const std::string core : {kPlainCore, kFastCore}) {
    running[core] = std::async(std::launch::async, FitCore, shared, core);
  }
  std::map<std::string, CoreFit> fits;
  for (auto& [core, future] : running) {
    NIWAKI_ASSIGN_OR_RETURN(fits[core], future.get());
    std::fprintf(stderr, "%s: %zu operators\n", core.c_str(), fits[core].operators.size());
  }
  const std::vector<LatencyModel> models = ModelsOf(fits, rates);
  for (const LatencyModel& model : models) NIWAKI_RETURN_IF_ERROR(Validate(model));
  NIWAKI_ASSIGN_OR_RETURN(const std::string text,
                          WithReport(document, kHeading, ReportOf(fits, rates, models)));
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(repository + kDocument, text));
  return WriteFileAtomically(repository + kCoefficients, ModelsToJson(models));
}

}  // namespace
}  // namespace niwaki::latency

int main(int argc, char** argv) {
  niwaki::PrepareStandardStreams();
  if (argc != 3) {
    std::fprintf(stderr, "usage: fit_latency SHARED REPOSITORY\n");
    return 2;
  }
  const absl::Status status = niwaki::latency::Run(argv[1], argv[2]);
  if (!status.ok()) std::fprintf(stderr, "fit_latency: %s\n", status.ToString().c_str());
  return niwaki::ExitCodeAfterOutput("fit_latency", status.ok() ? 0 : 1);
}
