// niwaki search --space SPACE --predictor FILE

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/base/text/units.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/finder/costs.h"
#include "libs/finder/predictor_scores.h"
#include "libs/interchange/ofa/latency_table.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/quantity.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/space_table.h"
#include "libs/predictor/predictor_file.h"
#include "libs/search/algorithm.h"
#include "libs/search/constraint.h"
#include "libs/search/front/objectives.h"
#include "libs/search/in_process_search.h"
#include "libs/search/metric.h"
#include "libs/search/option.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/input/algorithm_flags.h"
#include "services/cli/input/ofa_files.h"
#include "services/cli/interrupt.h"
#include "services/cli/show/plots/svg_plot.h"
#include "services/cli/show/search_report.h"
#include "services/program/output_check.h"

namespace niwaki::cli {
namespace {

using search::Metric;

struct SearchOptions {
  std::string space;
  std::vector<int> resolutions;
  std::string predictor;
  std::vector<std::string> lut;
  std::string device;
  // By the metric that is limited; "" for no limit.
  std::map<Metric, std::string> limits;
  std::vector<std::string> objectives;
  AlgorithmFlags algorithm;
  uint64_t seed = search::InProcessOptions().seed;
  int64_t evaluations = search::InProcessOptions().evaluations;
  std::string format;
  std::string svg_file;
};

absl::Status Invalid(absl::string_view field, absl::string_view value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " '", value, "' is not ", limit));
}

// The space with only those resolutions that are wanted, or else that the tables are for.
absl::StatusOr<arch::SearchSpace> ChooseSpace(const SearchOptions& options,
                                              const latency::BlockLatencies& latencies) {
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace space, arch::LoadSpace(options.space));
  if (!options.resolutions.empty()) return arch::WithResolutions(space, options.resolutions);
  if (latencies.empty()) return space;
  return interchange::CoveredSpace(space, latencies);
}

// What the costs' schedules may take; without a limit any.
int64_t SramLimitOf(const std::vector<search::Constraint>& limits) {
  int64_t bytes = std::numeric_limits<int64_t>::max();
  for (const search::Constraint& limit : limits) {
    if (limit.metric != Metric::kSramBytes || limit.max >= 9e18) continue;
    bytes = std::min(bytes, std::max<int64_t>(1, static_cast<int64_t>(limit.max)));
  }
  return bytes;
}

// What networks cost: by tables where there are some, else by the device's model.
absl::StatusOr<search::CostFunction> ChooseCosts(const SearchOptions& options,
                                                 const arch::SearchSpace& space,
                                                 const latency::BlockLatencies& latencies,
                                                 const std::vector<search::Constraint>& limits) {
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(options.device));
    return finder::DeviceCosts(space, device, SramLimitOf(limits));
  }
  finder::CostTables tables;
  if (!latencies.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(tables.latency_us, interchange::SpaceTableOf(space, latencies));
  }
  absl::StatusOr<latency::SpaceTable> macs = latency::SpaceTable::OfMacs(space);
  const bool has_macs = macs.ok();
  if (has_macs) tables.macs = *std::move(macs);
  search::CostFunction costs = finder::TableCosts(std::move(tables));
  const bool params = !options.limits.at(Metric::kParams).empty() ||
                      std::find(options.objectives.begin(), options.objectives.end(), "params") !=
                          options.objectives.end();
  // Spaces of other blocks have no table: their MACs are counted on the graph.
  if (has_macs && !params) return costs;
  return finder::CombineCosts(std::move(costs), finder::GraphCosts(space));
}

// "--max-latency".
std::string LimitFlag(Metric metric) {
  const search::MetricFacts& facts = search::FactsOf(metric);
  return absl::StrCat("--max-", facts.short_name.empty() ? facts.name : facts.short_name);
}

absl::string_view LimitExample(Metric metric) {
  switch (search::FactsOf(metric).unit) {
    case search::Unit::kBytes:
      return "256kB";
    case search::Unit::kMicroseconds:
      return "25ms";
    case search::Unit::kMillijoules:
      return "5mJ";
    default:
      return "400M";
  }
}

// The limits from the command line, where there are some, and for memories that it does not name
// what the device has.
absl::StatusOr<std::vector<search::Constraint>> ReadLimits(const SearchOptions& options) {
  std::vector<search::Constraint> limits;
  std::map<Metric, double> memory = {{Metric::kSramBytes, 0}, {Metric::kFlashBytes, 0}};
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(options.device));
    memory = {{Metric::kSramBytes, device.sram_bytes()},
              {Metric::kFlashBytes, device.flash_bytes()}};
  }
  for (const auto& [metric, text] : options.limits) {
    const auto own = memory.find(metric);
    if (own != memory.end() && text == "none") continue;
    if (text.empty() && own != memory.end() && own->second > 0) {
      limits.push_back({metric, own->second});
    }
    if (text.empty()) continue;
    const absl::StatusOr<double> value = jobfile::ParseLimit(metric, text);
    if (!value.ok()) {
      return Invalid(LimitFlag(metric), text,
                     absl::StrCat("a quantity above 0, such as ", LimitExample(metric)));
    }
    limits.push_back({metric, *value});
  }
  return limits;
}

absl::StatusOr<std::vector<Metric>> ReadObjectives(const SearchOptions& options) {
  const bool latency = !options.lut.empty() || !options.device.empty();
  if (options.objectives.empty()) {
    return std::vector<Metric>{Metric::kTop1, latency ? Metric::kLatencyUs : Metric::kMacs};
  }
  std::vector<Metric> objectives;
  for (const std::string& name : options.objectives) {
    const auto known = jobfile::MetricByName(name);
    if (!known.has_value()) {
      return Invalid("--objectives", name,
                     absl::StrCat("one of ", absl::StrJoin(jobfile::MetricNames(), ", ")));
    }
    const Metric metric = *jobfile::MetricFromProto(*known);
    if (std::find(objectives.begin(), objectives.end(), metric) != objectives.end()) {
      return Invalid("--objectives", name, "named once");
    }
    objectives.push_back(metric);
  }
  return objectives;
}

// A metric that nothing here knows is an error before the search, not in it.
absl::Status CheckKnown(const arch::SearchSpace& space, const search::InProcessOptions& options,
                        const search::CostFunction& costs, const std::string& device) {
  const arch::Subnet probe = arch::MinSubnet(space);
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<search::Metrics> metrics, costs({&probe, 1}));
  const auto known = [&](Metric metric) {
    return metric == Metric::kTop1 || metrics[0][metric].has_value();
  };
  std::vector<Metric> wanted = options.objectives;
  for (const search::Constraint& constraint : options.constraints) {
    wanted.push_back(constraint.metric);
  }
  for (const Metric metric : wanted) {
    if (known(metric)) continue;
    if (!device.empty() && search::IsCost(metric)) {
      return Invalid("metric", search::MetricName(metric),
                     absl::StrCat("one that device '", device,
                                  "' has a figure for: latency needs a model of its core, energy "
                                  "also its active_power_mw"));
    }
    return Invalid("metric", search::MetricName(metric),
                   "known here: latency needs --lut or --device, SRAM, flash and energy --device; "
                   "of scores there is top1");
  }
  return absl::OkStatus();
}

// Nothing knows them without a device.
absl::StatusOr<std::vector<std::string>> SchedulesOfFront(const SearchOptions& options,
                                                          const SearchReport& report) {
  if (options.device.empty()) return std::vector<std::string>();
  NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(options.device));
  std::vector<arch::Subnet> subnets;
  for (const size_t index : report.result.front) {
    subnets.push_back(report.result.evaluated[index].subnet);
  }
  return finder::DeviceSchedules(report.space, device, SramLimitOf(report.options.constraints),
                                 subnets);
}

absl::Status Print(Session& session, const SearchOptions& options, const SearchReport& report) {
  if (!options.svg_file.empty()) {
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(options.svg_file, RenderSvg(SearchPlot(report))));
  }
  const bool as_json = session.json() && options.format.empty();
  if (as_json || options.format == "json") {
    session.PrintJson(SearchJson(report));
  } else if (options.format == "csv") {
    session.out() << SearchCsv(report);
  } else if (options.format == "svg") {
    session.out() << RenderSvg(SearchPlot(report));
  } else {
    session.out() << SearchTable(report) << SearchSummary(report) << "\n";
  }
  return absl::OkStatus();
}

absl::Status RunSearch(Session& session, const SearchOptions& options) {
  if (!options.svg_file.empty()) {
    NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--svg", options.svg_file));
  }
  NIWAKI_RETURN_IF_ERROR(
      search::CheckInRange("--evaluations", options.evaluations, search::kEvaluations));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<Metric> objectives, ReadObjectives(options));
  NIWAKI_ASSIGN_OR_RETURN(const search::Algorithm algorithm,
                          options.algorithm.Choose(static_cast<int>(objectives.size())));
  const Interrupt interrupt;
  latency::BlockLatencies latencies;
  if (!options.lut.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const auto entries, ReadOfaFiles(options.lut));
    latencies = interchange::LatenciesOf(entries);
  }
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, ChooseSpace(options, latencies));
  NIWAKI_ASSIGN_OR_RETURN(predictor::StoredPredictor stored,
                          predictor::ReadPredictor(options.predictor, space));
  if (!stored.note.empty()) session.err() << stored.note << "\n";
  search::InProcessOptions search_options;
  NIWAKI_ASSIGN_OR_RETURN(search_options.constraints, ReadLimits(options));
  NIWAKI_ASSIGN_OR_RETURN(const search::CostFunction costs,
                          ChooseCosts(options, space, latencies, search_options.constraints));
  search_options.objectives = objectives;
  search_options.algorithm = algorithm;
  search_options.seed = options.seed;
  search_options.evaluations = options.evaluations;
  NIWAKI_RETURN_IF_ERROR(CheckKnown(space, search_options, costs, options.device));
  ProgressBar bar(session.SideProgress("search"));
  NIWAKI_ASSIGN_OR_RETURN(
      const search::InProcessResult result,
      search::SearchInProcess(space, search_options, costs,
                              finder::PredictorScores(std::move(stored.predictor)),
                              [&](int64_t evaluated) {
                                bar.Update(evaluated, options.evaluations);
                                return !interrupt.requested();
                              }));
  bar.Finish();
  const std::string device = options.lut.empty() ? options.device : "the latency table's device";
  SearchReport report{space, search_options, result, device, {}};
  NIWAKI_ASSIGN_OR_RETURN(report.schedules, SchedulesOfFront(options, report));
  NIWAKI_RETURN_IF_ERROR(Print(session, options, report));
  if (result.interrupted) return absl::CancelledError("interrupted; shown is what was found");
  return absl::OkStatus();
}

void AddProblemOptions(CLI::App& search, SearchOptions& options) {
  search.add_option("--space", options.space, "Name in the catalogue or a file")->required();
  search.add_option("--resolutions", options.resolutions, "Only these")->delimiter(',');
  search
      .add_option("--predictor", options.predictor,
                  "A predictor that niwaki predictor train or import has written")
      ->required();
  CLI::Option* lut = search.add_option(
      "--lut", options.lut,
      "Latency tables in the YAML (or JSON) format of once-for-all, one a resolution");
  search
      .add_option("--device", options.device,
                  "A device of the catalogue: its costs by the default models, instead of tables, "
                  "within its "
                  "SRAM and flash (--max-sram none and --max-flash none lift that)")
      ->excludes(lut);
  for (const Metric metric : search::kAllMetrics) {
    if (!search::IsCost(metric)) continue;
    search.add_option(LimitFlag(metric), options.limits[metric],
                      absl::StrCat("Limit, such as ", LimitExample(metric)));
  }
}

}  // namespace

void AddSearchCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<SearchOptions>();
  CLI::App* search = AddSubcommand(
      app, "search", "Search with a predictor instead of workers, in this process",
      "niwaki search --space ofa_mbv3_w12 --predictor acc.predictor --lut note10/*.yaml "
      "--max-latency 25ms --objectives top1");
  AddProblemOptions(*search, *options);
  search
      ->add_option(
          "--objectives", options->objectives,
          absl::StrCat("1 to ", search::kMaxObjectives,
                       " metrics; by default top1 and latency, or MACs where there is none"))
      ->delimiter(',');
  options->algorithm.AddTo(*search);
  search->add_option("--seed", options->seed,
                     absl::StrCat("Same seed, same search; by default ", options->seed));
  search->add_option(
      "--evaluations", options->evaluations,
      absl::StrCat("Networks to judge, no two alike: ", search::kEvaluations.Limits(),
                   ", by default ", options->evaluations));
  search->add_option("--format", options->format, "Form of the result: table, json, csv or svg")
      ->check(CLI::IsMember({"table", "json", "csv", "svg"}));
  search->add_option("--svg", options->svg_file, "Also draw the front into this file");
  SetAction(search, session, options, RunSearch);
}

}  // namespace niwaki::cli
