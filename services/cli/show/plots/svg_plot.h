// A scatter plot of a search as a self-contained SVG picture, readable on light and dark ground.

#ifndef NIWAKI_SERVICES_CLI_SHOW_PLOTS_SVG_PLOT_H_
#define NIWAKI_SERVICES_CLI_SHOW_PLOTS_SVG_PLOT_H_

#include <string>
#include <vector>

namespace niwaki::cli {

struct PlotPoint {
  double x = 0;
  double y = 0;
  // Shown when the pointer rests on the point.
  std::string tooltip;
  // Written beside the point where there is room; highlighted points only.
  std::string label;
  // Half the length of the error bars, in the axis' unit; 0 for none. Not for dots.
  double x_error = 0;
  double y_error = 0;
};

enum class PlotAxis { kX, kY };

// A limit as a dashed line across the plot.
struct PlotLimit {
  PlotAxis axis = PlotAxis::kX;
  double value = 0;
  std::string label;
};

struct ScatterPlot {
  std::string title;
  std::string subtitle;
  // With the unit: "latency (ms)".
  std::string x_title;
  std::string y_title;
  // All points, as light dots, and their name in the legend.
  std::vector<PlotPoint> dots;
  std::string dots_name;
  // Highlighted points, joined by a line of steps in the order of x; they need not be among `dots`.
  std::vector<PlotPoint> front;
  std::string front_name;
  // The highlighted points by another measure, as rings with bars of their own; their name in the
  // legend.
  std::vector<PlotPoint> tested;
  std::string tested_name;
  // What the bars are, for the legend.
  std::string error_name;
  // Better values of y are above; decides the shape of the steps.
  bool larger_y_is_better = true;
  std::vector<PlotLimit> limits;
  // Pixels; at least 320 x 240.
  int width = 860;
  int height = 540;
};

// The picture. Points and limits that are not finite, and bars that are not finite and above 0, are
// left out; texts are escaped and bytes that XML does not allow become '?'. Limits stretch an axis
// to at most twice what the points need; those beyond are left out.
std::string RenderSvg(const ScatterPlot& plot);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_PLOTS_SVG_PLOT_H_
