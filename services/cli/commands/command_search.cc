// niwaki search --space SPACE --predictor FILE

#include <algorithm>
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
#include "libs/base/file_writer.h"
#include "libs/base/progress_bar.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/units.h"
#include "libs/finder/costs.h"
#include "libs/finder/predictor_scores.h"
#include "libs/finder/search_problem.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/quantity.h"
#include "libs/latency/device.h"
#include "libs/latency/ofa_table.h"
#include "libs/latency/space_table.h"
#include "libs/predictor/predictor_file.h"
#include "libs/search/in_process_search.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/input/ofa_files.h"
#include "services/cli/interrupt.h"
#include "services/cli/show/search_report.h"
#include "services/cli/show/svg_plot.h"

namespace niwaki::cli {
namespace {

using search::Metric;

struct SearchOptions {
  std::string space;
  std::vector<int> resolutions;
  std::string predictor;
  std::vector<std::string> lut;
  std::string device;
  std::string max_latency;
  std::string max_macs;
  std::string max_params;
  std::string max_sram;
  std::string max_flash;
  std::vector<std::string> objectives;
  std::string algorithm;
  int population = 0;
  uint64_t seed = 1;
  int64_t evaluations = 10000;
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
  const std::vector<int> covered = latency::CoveredResolutions(space, latencies);
  if (covered.empty()) {
    return Invalid("--lut", absl::StrJoin(options.lut, " "),
                   absl::StrCat("for any resolution of space ", space.name()));
  }
  return arch::WithResolutions(space, covered);
}

// What networks cost: by tables where there are some, else by the device's model.
absl::StatusOr<search::CostFunction> ChooseCosts(const SearchOptions& options,
                                                 const arch::SearchSpace& space,
                                                 const latency::BlockLatencies& latencies) {
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const latency::Device device, latency::FindDevice(options.device));
    return finder::DeviceCosts(space, device);
  }
  const bool params = !options.max_params.empty() ||
                      std::find(options.objectives.begin(), options.objectives.end(), "params") !=
                          options.objectives.end();
  return finder::CostsByTables(space, latencies, params);
}

// A limit from the command line, where there is one.
template <typename Value>
absl::Status AddLimit(const std::string& flag, const std::string& text, Metric metric,
                      absl::StatusOr<Value> (*parse)(absl::string_view),
                      std::vector<search::Constraint>& constraints) {
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<Value> value = parse(text);
  if (!value.ok() || *value <= 0) {
    return Invalid(flag, text, "a quantity above 0, such as 25ms, 400M or 256kB");
  }
  constraints.push_back({metric, static_cast<double>(*value)});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<search::Constraint>> ReadLimits(const SearchOptions& options) {
  std::vector<search::Constraint> limits;
  NIWAKI_RETURN_IF_ERROR(
      AddLimit("--max-latency", options.max_latency, Metric::kLatencyUs, ParseMicros, limits));
  NIWAKI_RETURN_IF_ERROR(
      AddLimit("--max-macs", options.max_macs, Metric::kMacs, jobfile::ParseCount, limits));
  NIWAKI_RETURN_IF_ERROR(
      AddLimit("--max-params", options.max_params, Metric::kParams, jobfile::ParseCount, limits));
  NIWAKI_RETURN_IF_ERROR(
      AddLimit("--max-sram", options.max_sram, Metric::kSramBytes, ParseBytes, limits));
  NIWAKI_RETURN_IF_ERROR(
      AddLimit("--max-flash", options.max_flash, Metric::kFlashBytes, ParseBytes, limits));
  return limits;
}

absl::StatusOr<std::vector<Metric>> ReadObjectives(const SearchOptions& options) {
  if (options.objectives.empty()) {
    return finder::DefaultObjectives(!options.lut.empty() || !options.device.empty());
  }
  std::vector<Metric> objectives;
  for (const std::string& name : options.objectives) {
    const auto known = jobfile::MetricByName(name);
    if (!known.has_value()) {
      return Invalid("--objectives", name,
                     absl::StrCat("one of ", absl::StrJoin(jobfile::MetricNames(), ", ")));
    }
    NIWAKI_ASSIGN_OR_RETURN(const Metric metric,
                            search::MetricFromName(jobfile::MetricName(*known)));
    if (std::find(objectives.begin(), objectives.end(), metric) != objectives.end()) {
      return Invalid("--objectives", name, "named once");
    }
    objectives.push_back(metric);
  }
  return objectives;
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
  const Interrupt interrupt;
  if (!options.svg_file.empty()) {
    NIWAKI_RETURN_IF_ERROR(CheckWritable(options.svg_file));
  }
  latency::BlockLatencies latencies;
  if (!options.lut.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const auto entries, ReadOfaFiles(options.lut));
    latencies = latency::LatenciesOf(entries);
  }
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, ChooseSpace(options, latencies));
  NIWAKI_ASSIGN_OR_RETURN(predictor::StoredPredictor stored,
                          predictor::ReadPredictor(options.predictor, space));
  NIWAKI_ASSIGN_OR_RETURN(const search::CostFunction costs, ChooseCosts(options, space, latencies));
  search::InProcessOptions search_options;
  NIWAKI_ASSIGN_OR_RETURN(search_options.constraints, ReadLimits(options));
  NIWAKI_ASSIGN_OR_RETURN(search_options.objectives, ReadObjectives(options));
  NIWAKI_ASSIGN_OR_RETURN(
      search_options.algorithm,
      finder::AlgorithmNamed(options.algorithm, search_options.objectives.size(),
                             options.population));
  search_options.seed = options.seed;
  search_options.evaluations = options.evaluations;
  NIWAKI_RETURN_IF_ERROR(finder::CheckMetricsKnown(space, search_options, costs));
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
  NIWAKI_RETURN_IF_ERROR(Print(session, options, {space, search_options, result, device}));
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
      "--lut", options.lut, "Latency tables in the YAML format of once-for-all, one a resolution");
  search
      .add_option("--device", options.device,
                  "A device of the catalogue: its costs by the default models, instead of tables")
      ->excludes(lut);
  search.add_option("--max-latency", options.max_latency, "Limit, such as 25ms");
  search.add_option("--max-macs", options.max_macs, "Limit, such as 400M");
  search.add_option("--max-params", options.max_params, "Limit, such as 5M");
  search.add_option("--max-sram", options.max_sram, "Limit, such as 256kB");
  search.add_option("--max-flash", options.max_flash, "Limit, such as 1MB");
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
      ->add_option("--objectives", options->objectives,
                   "1 to 4 metrics; by default top1 and latency, or MACs where there is none")
      ->delimiter(',');
  search
      ->add_option("--algorithm", options->algorithm,
                   "By default evolution for one objective, nsga2 for several")
      ->check(CLI::IsMember({"random", "evolution", "nsga2", "predictor_nsga2"}));
  search->add_option("--population", options->population, "Of the algorithm")
      ->check(CLI::Range(2, 10000));
  search->add_option("--seed", options->seed, "Same seed, same search");
  search->add_option("--evaluations", options->evaluations, "Networks to judge, no two alike")
      ->check(CLI::Range(int64_t{1}, int64_t{10'000'000}));
  search->add_option("--format", options->format, "Form of the result: table, json, csv or svg")
      ->check(CLI::IsMember({"table", "json", "csv", "svg"}));
  search->add_option("--svg", options->svg_file, "Also draw the front into this file");
  SetAction(search, session, options, RunSearch);
}

}  // namespace niwaki::cli
