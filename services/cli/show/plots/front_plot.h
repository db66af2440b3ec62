// The front of a job as a plot: its first two objectives, all scored candidates, its limits.

#ifndef NIWAKI_SERVICES_CLI_SHOW_PLOTS_FRONT_PLOT_H_
#define NIWAKI_SERVICES_CLI_SHOW_PLOTS_FRONT_PLOT_H_

#include <vector>

#include "proto/niwaki/v1/job.pb.h"
#include "services/cli/show/plots/svg_plot.h"

namespace niwaki::cli {

// Axes as search::PlotAxesOf. Accuracies of the front have bars of one standard error to either
// side where the number of images is known; where it was scored on the test split, that is drawn,
// too.
ScatterPlot MakeFrontPlot(const v1::Job& job, const std::vector<v1::Candidate>& front,
                          const std::vector<v1::Candidate>& scored);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_PLOTS_FRONT_PLOT_H_
