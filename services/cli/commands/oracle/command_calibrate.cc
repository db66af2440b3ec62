// niwaki oracle calibrate: what a counted instruction is worth on real boards.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/figure.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/latency/transfer/calibration.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/oracle/oracle_commands.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

using latency::Calibration;

struct CalibrateOptions {
  std::string device;
  std::string engine;
  double instructions = 0;
};

std::string FormatMs(double us) { return absl::StrFormat("%.3g ms", us / 1e3); }

// PREDICTED; not known without instructions.
cost::Figure TimeOf(const Calibration& calibration, const CalibrateOptions& options,
                    const device::Device& device) {
  if (options.instructions <= 0) return cost::Figure();
  return latency::LatencyOfInstructions(calibration, options.instructions,
                                        static_cast<double>(device.clock_hz) / 1e6);
}

Json CalibrationJson(const Calibration& c, const cost::Figure& time) {
  Json json = {{"core", c.core},
               {"engine", c.engine},
               {"cycles_per_instruction", c.cycles_per_instruction},
               {"provenance", "PREDICTED"},
               {"pairs", c.pairs},
               {"held_out", c.held_out},
               {"held_out_error", c.held_out_error},
               {"worst_error", c.worst_error},
               {"interval_ratio", c.interval_ratio},
               {"source", c.source}};
  if (time.known()) {
    json["latency_us"] = {{"value", time.value()}, {"low", time.low()}, {"high", time.high()}};
  }
  return json;
}

absl::StatusOr<std::vector<Calibration>> Selected(const std::string& core,
                                                  const std::string& engine) {
  if (!core.empty() && !engine.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(Calibration calibration, latency::FindCalibration(core, engine));
    return std::vector<Calibration>{std::move(calibration)};
  }
  std::vector<Calibration> selected;
  for (const Calibration& calibration : latency::DefaultCalibrations()) {
    const bool fits = (core.empty() || calibration.core == core) &&
                      (engine.empty() || calibration.engine == engine);
    if (fits) selected.push_back(calibration);
  }
  if (!selected.empty()) return selected;
  // Says what there is.
  return latency::FindCalibration(core, engine).status();
}

std::string TableOf(const std::vector<Calibration>& calibrations, const CalibrateOptions& options,
                    const device::Device& device) {
  std::vector<Column> columns = {{"CORE"},
                                 {"ENGINE"},
                                 {"CYCLES/INSTRUCTION", Align::kRight},
                                 {"PAIRS", Align::kRight},
                                 {"HELD-OUT ERROR", Align::kRight},
                                 {"WORST", Align::kRight},
                                 {"INTERVAL", Align::kRight}};
  const bool timed = options.instructions > 0;
  if (timed) columns.push_back({"LATENCY, PREDICTED", Align::kRight});
  columns.push_back({"FROM"});
  Table table(columns);
  for (const Calibration& c : calibrations) {
    std::vector<std::string> cells = {
        c.core,
        c.engine,
        absl::StrFormat("%.3f", c.cycles_per_instruction),
        absl::StrCat(c.pairs),
        absl::StrFormat("%.1f %% of %d", 100 * c.held_out_error, c.held_out),
        absl::StrFormat("%.1f %%", 100 * c.worst_error),
        absl::StrFormat("x %.2f", c.interval_ratio)};
    if (timed) {
      const cost::Figure time = TimeOf(c, options, device);
      cells.push_back(absl::StrCat(FormatMs(time.value()), " (", FormatMs(time.low()), " to ",
                                   FormatMs(time.high()), ")"));
    }
    cells.push_back(c.source);
    table.AddRow(std::move(cells));
  }
  return table.ToString();
}

absl::Status RunCalibrate(Session& session, const CalibrateOptions& options) {
  device::Device device;
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(device, device::FindDevice(options.device));
  } else if (options.instructions > 0) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--device")
        .Message("--instructions needs --device: a clock makes cycles a time");
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<Calibration> calibrations,
                          Selected(device.core, options.engine));
  if (session.json()) {
    Json list = Json::array();
    for (const Calibration& calibration : calibrations) {
      list.push_back(CalibrationJson(calibration, TimeOf(calibration, options, device)));
    }
    session.PrintJson(Json{{"calibrations", std::move(list)}});
    return absl::OkStatus();
  }
  session.out() << TableOf(calibrations, options, device);
  return absl::OkStatus();
}

}  // namespace

void AddCalibrateCommand(CLI::App& oracle, Session& session) {
  auto options = std::make_shared<CalibrateOptions>();
  CLI::App* calibrate = AddSubcommand(
      oracle, "calibrate",
      "What an instruction that an emulated board counts is worth on a real one, by core and "
      "engine:\nfitted on published latencies (PREDICTED), with the errors on figures that were "
      "held out",
      "niwaki oracle calibrate\n"
      "  niwaki oracle calibrate --device stm32f746 --engine niwaki --instructions 94.2e6");
  calibrate->add_option("--device", options->device,
                        "Only its core (niwaki devices); its clock makes --instructions a time");
  calibrate->add_option("--engine", options->engine,
                        "Only this one: niwaki, TinyEngine, CMSIS-NN or TFLM");
  calibrate
      ->add_option("--instructions", options->instructions,
                   "Also the latency of so many instructions on --device")
      ->check(CLI::Range(1.0, 1e15));
  SetAction(calibrate, session, options, RunCalibrate);
}

}  // namespace niwaki::cli
