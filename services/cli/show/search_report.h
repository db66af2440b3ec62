// What a search in one process found, in the forms that `niwaki search` prints.

#ifndef NIWAKI_SERVICES_CLI_SHOW_SEARCH_REPORT_H_
#define NIWAKI_SERVICES_CLI_SHOW_SEARCH_REPORT_H_

#include <string>
#include <vector>

#include "libs/arch/space.h"
#include "libs/base/json.h"
#include "libs/search/in_process_search.h"
#include "services/cli/show/plots/svg_plot.h"

namespace niwaki::cli {

// All borrowed; outlive the functions' calls.
struct SearchReport {
  const arch::SearchSpace& space;
  const search::InProcessOptions& options;
  const search::InProcessResult& result;
  // Where latencies come from, for the plot: a device's name, or "" for none.
  std::string device;
  // Of the networks of the front, in their order, what runs them within the limits: names of
  // schedules; empty where nothing knows them.
  std::vector<std::string> schedules;
};

// "6000 networks judged, 1 on the front; refused: 312 known, 4210 over a limit".
std::string SearchSummary(const SearchReport& report);

// Accuracies are shown within 0 to 100 % everywhere; those that a predictor put outside are marked
// in the table, which says so below, and stand as they were under METRIC_uncut in CSV and JSON.

// The front: a line for each network with the metrics that are known, its schedule where that is
// known, its resolution and its id; below, that accuracies are predicted, where there are any.
std::string SearchTable(const SearchReport& report);

// The same with the networks in OFA's JSON (RFC 4180, a title line).
std::string SearchCsv(const SearchReport& report);

// {"space", "objectives", "evaluated", "infeasible", "duplicates", "over_limit", "interrupted",
// "front": [{"slot", METRIC…, "schedule", "subnet_id", "subnet"}]}
Json SearchJson(const SearchReport& report);

// The first two objectives, all networks judged, the limits; as MakeFrontPlot.
ScatterPlot SearchPlot(const SearchReport& report);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_SEARCH_REPORT_H_
