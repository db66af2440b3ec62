// What a search in one process is about, where nobody says otherwise: its costs, objectives and
// algorithm. The one place of these defaults, for the command line and whoever else searches.

#ifndef NIWAKI_LIBS_FINDER_SEARCH_PROBLEM_H_
#define NIWAKI_LIBS_FINDER_SEARCH_PROBLEM_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/space_table.h"
#include "libs/search/feasibility.h"
#include "libs/search/in_process_search.h"
#include "libs/search/metric.h"
#include "libs/search/optimizer.h"

namespace niwaki::finder {

// Costs of networks of `space` without a device: latencies by `latencies` where there are some,
// MACs by a table or, in spaces of blocks that have none, counted on the graph; parameters where
// they are wanted (`with_params`), for they need the graph. `space` must outlive the function,
// which is not thread-safe. The errors of latency::SpaceTable::OfLatencies.
absl::StatusOr<search::CostFunction> CostsByTables(const arch::SearchSpace& space,
                                                   const latency::BlockLatencies& latencies,
                                                   bool with_params);

// top1, against latency where there are figures of it, else against MACs.
std::vector<search::Metric> DefaultObjectives(bool has_latency);

// The algorithm "random", "evolution", "nsga2" or "predictor_nsga2", for `objectives` objectives
// with a population of `population`; an empty name chooses evolution for one objective and NSGA-II
// for several, a population of 0 the algorithm's own. InvalidArgument for any other name.
absl::StatusOr<search::Algorithm> AlgorithmNamed(absl::string_view name, size_t objectives,
                                                 int population);

// OK where every objective and limit of `options` is a metric that `costs` gives or that scores
// have (top1). InvalidArgument names the first that nothing knows, which is an error before a
// search and not in it.
absl::Status CheckMetricsKnown(const arch::SearchSpace& space,
                               const search::InProcessOptions& options,
                               const search::CostFunction& costs);

}  // namespace niwaki::finder

#endif  // NIWAKI_LIBS_FINDER_SEARCH_PROBLEM_H_
