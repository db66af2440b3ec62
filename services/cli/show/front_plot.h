// The front of a job as a plot: its first two objectives, all scored candidates, its limits.

#ifndef NIWAKI_SERVICES_CLI_SHOW_FRONT_PLOT_H_
#define NIWAKI_SERVICES_CLI_SHOW_FRONT_PLOT_H_

#include <vector>

#include "proto/niwaki/v1/job.pb.h"
#include "services/cli/show/svg_plot.h"

namespace niwaki::cli {

// A score stands on the y axis and a cost on the x axis where the job has both. A job with one
// objective is drawn over latency (MACs where no latency is known), or over top-1 accuracy when it
// optimises a cost.
ScatterPlot MakeFrontPlot(const v1::Job& job, const std::vector<v1::Candidate>& front,
                          const std::vector<v1::Candidate>& scored);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_FRONT_PLOT_H_
