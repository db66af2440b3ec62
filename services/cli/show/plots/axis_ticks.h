// Round numbers for the axis of a plot.

#ifndef NIWAKI_SERVICES_CLI_SHOW_PLOTS_AXIS_TICKS_H_
#define NIWAKI_SERVICES_CLI_SHOW_PLOTS_AXIS_TICKS_H_

#include <string>
#include <vector>

namespace niwaki::cli {

// Ascending multiples of a step of 1, 2 or 5 times a power of ten that lie in [low, high]: about
// `target` of them, at least two. Both ends must be finite and `low` < `high`, `target` ≥ 2.
std::vector<double> NiceTicks(double low, double high, int target);

// The tick with as many decimals as the step between `ticks` needs: "0.25", "40", "1200".
std::string FormatTick(double tick, const std::vector<double>& ticks);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_PLOTS_AXIS_TICKS_H_
