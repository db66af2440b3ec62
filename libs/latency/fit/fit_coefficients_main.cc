// Fits the default latency coefficients and says how far they are off.
//
//   fit_coefficients SHARED COEFFICIENTS_JSON
//
// reads SHARED/engine/figures.md, SHARED/measured and SHARED/ofa/vectors, writes the models to
// COEFFICIENTS_JSON and a report in markdown to standard output. docs/latency-model.md explains the
// steps.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/log.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/plan/zoo_nets.h"
#include "libs/latency/fit/least_squares.h"
#include "libs/latency/fit/reference_figures.h"
#include "libs/latency/latency_model.h"

namespace niwaki::latency {
namespace {

constexpr double kH743Mhz = 480;
constexpr double kH747Mhz = 400;
// Not in the kernel table, at most 0.2 % of any network here: assumed.
constexpr double kPoolInstructionsPerByte = 5;
// The networks that coefficients are fitted on; the others are held out.
const std::set<std::string>& FitPart() {
  static const auto* const part =
      new std::set<std::string>{"mcunet-in0", "mcunet-in2", "mcunet-in4"};
  return *part;
}

struct Inputs {
  EngineFigures engine;
  std::map<std::string, double> tinyengine_ms;
  std::map<std::string, double> cube_ai_ms;
  std::vector<MlperfGroup> mlperf;
  // STM32 model zoo, joined with MACs.
  std::vector<CsvRow> model_zoo;
  std::map<std::string, arch::Graph> nets;
};

absl::StatusOr<std::vector<CsvRow>> ReadCsv(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto rows = ParseCsv(text);
  if (!rows.ok()) return Annotate(rows.status(), path);
  return rows;
}

absl::StatusOr<Inputs> ReadInputs(const std::string& shared) {
  Inputs inputs;
  NIWAKI_ASSIGN_OR_RETURN(const std::string figures, ReadFile(shared + "/engine/figures.md"));
  NIWAKI_ASSIGN_OR_RETURN(inputs.engine, ParseEngineFigures(figures));
  NIWAKI_ASSIGN_OR_RETURN(
      const auto h743, ReadCsv(shared + "/measured/mcunet_tables/tinyengine_readme_stm32h743.csv"));
  inputs.tinyengine_ms = H743LatenciesMs(h743, "TinyEngine");
  inputs.cube_ai_ms = H743LatenciesMs(h743, "X-CUBE-AI");
  NIWAKI_ASSIGN_OR_RETURN(
      const auto mlperf, ReadCsv(shared + "/measured/mlperf_tiny_results/mlperf_tiny_results.csv"));
  inputs.mlperf = MlperfGroups(mlperf);
  NIWAKI_ASSIGN_OR_RETURN(inputs.model_zoo,
                          ReadCsv(shared + "/measured/stm32_modelzoo/stm32_latency_joined.csv"));
  NIWAKI_ASSIGN_OR_RETURN(const auto zoo, engine::ReadZooNets(shared));
  for (const engine::ZooNet& net : zoo) inputs.nets[net.id] = net.graph;
  NIWAKI_ASSIGN_OR_RETURN(inputs.nets["proxyless-w0.3-r176"], engine::ProxylessW03(176));
  NIWAKI_ASSIGN_OR_RETURN(inputs.nets["proxyless-w0.3-r64"], engine::ProxylessW03(64));
  return inputs;
}

// Step 1: instructions of each kind of kernel, from the kernel table alone.
absl::StatusOr<LatencyModel> FitKernels(const std::vector<KernelFigure>& kernels) {
  LatencyModel model;
  const auto fit = [&](absl::string_view kind,
                       std::vector<std::function<double(const Work&)>> features) {
    std::vector<std::vector<double>> rows;
    std::vector<double> targets;
    for (const KernelFigure& kernel : kernels) {
      if (kernel.kind != kind) continue;
      std::vector<double>& row = rows.emplace_back();
      for (const auto& feature : features) row.push_back(feature(kernel.work));
      targets.push_back(kernel.instructions);
    }
    return FitRelative(rows, targets);
  };
  const auto macs = [](const Work& w) { return w.macs; };
  const auto in = [](const Work& w) { return w.input_bytes; };
  const auto out = [](const Work& w) { return w.output_bytes; };
  auto& c = model.coefficients;
  NIWAKI_ASSIGN_OR_RETURN(const auto pointwise, fit("pointwise_conv", {macs, out}));
  NIWAKI_ASSIGN_OR_RETURN(const auto depthwise, fit("depthwise_conv", {macs, in, out}));
  NIWAKI_ASSIGN_OR_RETURN(const auto conv, fit("conv", {macs}));
  NIWAKI_ASSIGN_OR_RETURN(const auto add, fit("add", {out}));
  c["pointwise_conv"] = {pointwise[0], 0, pointwise[1], 0, 0};
  c["linear"] = {pointwise[0], 0, pointwise[1], 0, 0};
  c["depthwise_conv"] = {depthwise[0], depthwise[1], depthwise[2], 0, 0};
  c["conv"] = {conv[0], 0, 0, 0, 0};
  c["add"] = {0, 0, add[0], 0, 0};
  c["mul"] = {0, 0, add[0], 0, 0};
  c["global_avg_pool"] = {0, kPoolInstructionsPerByte, 0, 0, 0};
  return model;
}

// The model must know every kind of the network.
double CyclesOf(const LatencyModel& model, const arch::Graph& graph) {
  const absl::StatusOr<double> cycles = PredictCycles(model, graph);
  NIWAKI_CHECK(cycles.ok());
  return *cycles;
}

// Step 2: what a weight byte of a pointwise or linear operator costs besides, from whole networks'
// instructions.
absl::Status FitWeightBytes(const Inputs& inputs, const std::set<std::string>& part,
                            LatencyModel& model) {
  double missing = 0;
  double bytes = 0;
  for (const auto& [id, instructions] : inputs.engine.instructions) {
    const auto net = inputs.nets.find(id);
    if (part.count(id) == 0 || net == inputs.nets.end()) continue;
    double weights = 0;
    for (const arch::Op& op : net->second.ops) {
      const absl::string_view kind = CostKindOf(op);
      if (kind != "pointwise_conv" && kind != "linear") continue;
      weights += WorkOf(net->second, op).weight_bytes;
    }
    // Least squares of the relative error in one unknown.
    missing +=
        weights * (instructions - CyclesOf(model, net->second)) / (instructions * instructions);
    bytes += weights * weights / (instructions * instructions);
  }
  if (bytes == 0) return absl::InvalidArgumentError("no network to fit weight bytes on");
  const double per_byte = std::max(0.0, missing / bytes);
  for (const char* kind : {"pointwise_conv", "linear"}) {
    model.coefficients[kind].cycles_per_weight_byte = per_byte;
  }
  return absl::OkStatus();
}

LatencyModel Scaled(LatencyModel model, double factor) {
  for (auto& [kind, c] : model.coefficients) {
    c = {c.cycles_per_mac * factor, c.cycles_per_input_byte * factor,
         c.cycles_per_output_byte * factor, c.cycles_per_weight_byte * factor,
         c.cycles_per_call * factor};
  }
  return model;
}

double MeanLog(const std::vector<double>& ratios) {
  double sum = 0;
  for (const double ratio : ratios) sum += std::log(ratio);
  return sum / ratios.size();
}

// Root mean square of log(ratio) about `centre`.
double SpreadLog(const std::vector<double>& ratios, double centre) {
  double sum = 0;
  for (const double ratio : ratios) sum += std::pow(std::log(ratio) - centre, 2);
  return std::sqrt(sum / ratios.size());
}

// Step 3: cycles per instruction on the H743: the geometric mean of measured cycles over predicted
// instructions.
double FitCyclesPerInstruction(const std::map<std::string, arch::Graph>& nets,
                               const std::map<std::string, double>& latencies_ms,
                               const std::set<std::string>& part, const LatencyModel& model) {
  std::vector<double> ratios;
  for (const auto& [id, ms] : latencies_ms) {
    const auto net = nets.find(id);
    if (part.count(id) == 0 || net == nets.end()) continue;
    ratios.push_back(ms * kH743Mhz * 1e3 / CyclesOf(model, net->second));
  }
  return std::exp(MeanLog(ratios));
}

// The whole procedure on the networks of `part`.
absl::StatusOr<LatencyModel> FitAll(const Inputs& inputs, const std::set<std::string>& part) {
  NIWAKI_ASSIGN_OR_RETURN(LatencyModel model, FitKernels(inputs.engine.kernels));
  NIWAKI_RETURN_IF_ERROR(FitWeightBytes(inputs, part, model));
  return Scaled(model, FitCyclesPerInstruction(inputs.nets, inputs.tinyengine_ms, part, model));
}

// Absolute percentages of prediction over measurement.
struct Errors {
  std::vector<double> percent;
  void Add(double ratio) { percent.push_back(100 * std::abs(ratio - 1)); }
  std::string ToText() {
    std::sort(percent.begin(), percent.end());
    double sum = 0;
    for (const double p : percent) sum += p;
    const size_t n = percent.size();
    const double median = (percent[(n - 1) / 2] + percent[n / 2]) / 2;
    char text[160];
    std::snprintf(text, sizeof(text), "n %zu, mean %.1f %%, median %.1f %%, worst %.1f %%", n,
                  sum / n, median, percent.back());
    return text;
  }
};

void ReportKernels(const Inputs& inputs, const LatencyModel& model) {
  std::printf("### Kernels (instructions per MAC or element, in sample)\n\n");
  std::printf("| kernel | counted | model | error |\n|---|---|---|---|\n");
  Errors errors;
  for (const KernelFigure& kernel : inputs.engine.kernels) {
    const double predicted = model.coefficients.at(kernel.kind).Cycles(kernel.work);
    const double unit = kernel.work.macs > 0 ? kernel.work.macs : kernel.work.output_bytes;
    const double ratio = predicted / kernel.instructions;
    errors.Add(ratio);
    std::printf("| %s | %.2f | %.2f | %+.1f %% |\n", kernel.name.c_str(),
                kernel.instructions / unit, predicted / unit, 100 * (ratio - 1));
  }
  std::printf("\n%s\n\n", errors.ToText().c_str());
}

// One table of predictions against measurements, the parts summed up apart.
void ReportNets(const char* title, const char* unit, const std::map<std::string, double>& measured,
                const std::map<std::string, arch::Graph>& nets,
                const std::function<double(const arch::Graph&)>& predict) {
  std::printf(
      "### %s\n\n| network | part | measured %s | model %s | error |\n|---|---|---|---|---|\n",
      title, unit, unit);
  Errors fitted;
  Errors held_out;
  for (const auto& [id, value] : measured) {
    const auto net = nets.find(id);
    if (net == nets.end()) continue;
    const bool in_fit = FitPart().count(id) > 0;
    const double predicted = predict(net->second);
    (in_fit ? fitted : held_out).Add(predicted / value);
    std::printf("| %s | %s | %.2f | %.2f | %+.1f %% |\n", id.c_str(), in_fit ? "fit" : "held out",
                value, predicted, 100 * (predicted / value - 1));
  }
  std::printf("\nfit part: %s; held out: %s\n\n", fitted.ToText().c_str(),
              held_out.ToText().c_str());
}

// Every network predicted by a model that has not seen it; returns predicted over measured.
absl::StatusOr<std::vector<double>> LeaveOneOut(const Inputs& inputs) {
  std::vector<double> ratios;
  Errors errors;
  for (const auto& [id, graph] : inputs.nets) {
    std::set<std::string> others;
    for (const auto& [other, unused] : inputs.nets) {
      if (other != id) others.insert(other);
    }
    NIWAKI_ASSIGN_OR_RETURN(const LatencyModel model, FitAll(inputs, others));
    const double predicted_ms = CyclesOf(model, graph) / kH743Mhz / 1e3;
    ratios.push_back(predicted_ms / inputs.tinyengine_ms.at(id));
    errors.Add(ratios.back());
  }
  std::printf("### Leave one out (latency on the STM32H743, TinyEngine)\n\n%s\n\n",
              errors.ToText().c_str());
  return ratios;
}

// Cycles on `board` over cycles on another of `references`, same engine and network.
std::vector<double> BoardRatios(const Inputs& inputs, const std::string& board,
                                const std::vector<std::string>& references) {
  std::vector<double> ratios;
  for (const MlperfGroup& group : inputs.mlperf) {
    for (const std::string& reference : references) {
      if (group.cycles.count(board) == 0 || group.cycles.count(reference) == 0) continue;
      ratios.push_back(group.cycles.at(board) / group.cycles.at(reference));
      std::printf("| %s | %s | %s | %s / %s | %.3f |\n", group.round.c_str(),
                  group.submitter.c_str(), group.benchmark.c_str(), board.c_str(),
                  reference.c_str(), ratios.back());
    }
  }
  return ratios;
}

// Latency in ms of X-CUBE-AI 7.3, the version of the H743's rows, on an STM32H747; InvalidArgument
// unless the row is there and counts the MACs that the graph has.
absl::StatusOr<double> H747LatencyMs(const std::vector<CsvRow>& rows, absl::string_view model,
                                     absl::string_view resolution, const arch::Graph& graph) {
  for (const CsvRow& row : rows) {
    if (row.at("board") != "STM32H747I-DISCO" || row.at("cubeai_version") != "7.3.0" ||
        row.at("model") != model || row.at("resolution") != resolution ||
        row.at("format") != "Int8") {
      continue;
    }
    const double macs = std::stod(row.at("macs"));
    if (std::abs(arch::CountMacs(graph) / macs - 1) < 0.01) return std::stod(row.at("latency_ms"));
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("stm32_latency_joined.csv")
      .Message(absl::StrCat("no row of ", model, " ", resolution, " with ", arch::CountMacs(graph),
                            " MACs"));
}

// The model against another engine on another board of the core: one scale from the H743, tried on
// the H747.
absl::Status ReportCubeAi(const Inputs& inputs, const LatencyModel& model) {
  std::set<std::string> all;
  for (const auto& [id, unused] : inputs.nets) all.insert(id);
  const double scale = FitCyclesPerInstruction(inputs.nets, inputs.cube_ai_ms, all, model);
  std::printf("### Another engine: X-CUBE-AI 7.3, one factor (%.2f) from the STM32H743's rows\n\n",
              scale);
  struct Row {
    const char* model;
    const char* resolution;
    absl::StatusOr<arch::Graph> graph;
  };
  const Row rows[] = {
      {"MobileNet v1 0.25", "96x96x3", engine::MobileNetV1(96, 0.25, 5)},
      {"MobileNet v1 0.25", "224x224x3", engine::MobileNetV1(224, 0.25, 5)},
      {"MobileNet v1 0.5", "224x224x3", engine::MobileNetV1(224, 0.5, 5)},
      {"MobileNet v2 0.35", "128x128x3", engine::MobileNetV2W035(128, 5)},
      {"MobileNet v2 0.35", "224x224x3", engine::MobileNetV2W035(224, 5)},
  };
  std::printf("| network on the STM32H747, 400 MHz | measured ms | model ms | error |\n");
  std::printf("|---|---|---|---|\n");
  Errors errors;
  for (const Row& row : rows) {
    NIWAKI_RETURN_IF_ERROR(row.graph.status());
    NIWAKI_ASSIGN_OR_RETURN(const double ms,
                            H747LatencyMs(inputs.model_zoo, row.model, row.resolution, *row.graph));
    const double predicted = scale * CyclesOf(model, *row.graph) / kH747Mhz / 1e3;
    errors.Add(predicted / ms);
    std::printf("| %s %s | %.1f | %.1f | %+.1f %% |\n", row.model, row.resolution, ms, predicted,
                100 * (predicted / ms - 1));
  }
  Errors on_h743;
  for (const auto& [id, ms] : inputs.cube_ai_ms) {
    const auto net = inputs.nets.find(id);
    if (net == inputs.nets.end()) continue;
    on_h743.Add(scale * CyclesOf(model, net->second) / kH743Mhz / 1e3 / ms);
  }
  std::printf("\nH747: %s; H743 in sample: %s\n\n", errors.ToText().c_str(),
              on_h743.ToText().c_str());
  return absl::OkStatus();
}

// Half width of an interval of 90 % as a factor: Student's quantile for few points.
double IntervalRatio(double spread_log) {
  constexpr double kQuantile = 1.94;  // six degrees of freedom
  return std::exp(kQuantile * spread_log);
}

absl::StatusOr<std::vector<LatencyModel>> MakeModels(const Inputs& inputs) {
  NIWAKI_ASSIGN_OR_RETURN(LatencyModel h743, FitAll(inputs, FitPart()));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<double> unseen, LeaveOneOut(inputs));
  const double spread = SpreadLog(unseen, 0);
  std::printf("### Boards (MLPerf Tiny v0.7 to v1.2, closed; cycles, same engine and network)\n\n");
  std::printf("| round | submitter | benchmark | boards | ratio |\n|---|---|---|---|---|\n");
  const std::vector<double> m7 = BoardRatios(inputs, "F746", {"H7A3"});
  const std::vector<double> m4 = BoardRatios(inputs, "L4R5", {"F746", "H7A3"});
  const double m7_spread = SpreadLog(m7, 0);
  const double m4_centre = MeanLog(m4);
  const double m4_spread = SpreadLog(m4, m4_centre);
  std::printf("\nM7 boards differ by %.1f %% (rms); M4 over M7: %.3f, spread %.1f %%\n\n",
              100 * m7_spread, std::exp(m4_centre), 100 * m4_spread);
  const std::string base =
      "TinyEngine's kernels counted under an emulator, scaled to its published latencies on an "
      "STM32H743 (mcunet-in0, in2, in4)";
  h743.target = "stm32h743";
  h743.interval_ratio = IntervalRatio(spread);
  h743.source = base;
  LatencyModel core_m7 = h743;
  core_m7.target = "cortex-m7";
  core_m7.interval_ratio = IntervalRatio(std::hypot(spread, m7_spread));
  core_m7.source = base + "; cycles of other M7 boards taken as equal (MLPerf Tiny, F746 and H7A3)";
  LatencyModel core_m4 = Scaled(h743, std::exp(m4_centre));
  core_m4.target = "cortex-m4";
  core_m4.interval_ratio = IntervalRatio(std::hypot(spread, m4_spread));
  core_m4.source = base + "; times the cycles of an M4 over an M7 (MLPerf Tiny, L4R5)";
  return std::vector<LatencyModel>{core_m4, core_m7, h743};
}

absl::Status Run(const std::string& shared, const std::string& output) {
  NIWAKI_ASSIGN_OR_RETURN(const Inputs inputs, ReadInputs(shared));
  NIWAKI_ASSIGN_OR_RETURN(LatencyModel instructions, FitKernels(inputs.engine.kernels));
  ReportKernels(inputs, instructions);
  NIWAKI_RETURN_IF_ERROR(FitWeightBytes(inputs, FitPart(), instructions));
  std::map<std::string, double> millions;
  for (const auto& [id, count] : inputs.engine.instructions) millions[id] = count / 1e6;
  ReportNets("Whole networks, instructions", "M", millions, inputs.nets,
             [&](const arch::Graph& graph) { return CyclesOf(instructions, graph) / 1e6; });
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<LatencyModel> models, MakeModels(inputs));
  const LatencyModel& h743 = models.back();
  ReportNets("Latency on the STM32H743, TinyEngine", "ms", inputs.tinyengine_ms, inputs.nets,
             [&](const arch::Graph& graph) { return CyclesOf(h743, graph) / kH743Mhz / 1e3; });
  NIWAKI_RETURN_IF_ERROR(ReportCubeAi(inputs, h743));
  for (const LatencyModel& model : models) {
    std::printf("%s: interval within a factor of %.3f\n", model.target.c_str(),
                model.interval_ratio);
  }
  return WriteFileAtomically(output, ModelsToJson(models));
}

}  // namespace
}  // namespace niwaki::latency

int main(int argc, char** argv) {
  niwaki::PrepareStandardStreams();
  if (argc != 3) {
    std::fprintf(stderr, "usage: fit_coefficients SHARED COEFFICIENTS_JSON\n");
    return 2;
  }
  absl::Status status = niwaki::CheckWritable(argv[2]);
  if (status.ok()) status = niwaki::latency::Run(argv[1], argv[2]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return niwaki::ExitCodeAfterOutput("fit_coefficients", status.ok() ? 0 : 1);
}
