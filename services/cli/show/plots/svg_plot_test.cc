#include "services/cli/show/plots/svg_plot.h"

#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Every tag that is opened is closed, in order.
bool IsBalanced(const std::string& svg) {
  std::vector<std::string> open;
  for (size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
    const size_t end = svg.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (tag.back() == '/') continue;
    const std::string name = tag.substr(0, tag.find(' '));
    if (name[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

ScatterPlot SomePlot() {
  ScatterPlot plot;
  plot.title = "Pareto front of demo";
  plot.x_title = "latency (ms)";
  plot.y_title = "top-1 accuracy (%)";
  for (int i = 0; i < 20; ++i) plot.dots.push_back({10.0 + i, 70 + std::sqrt(i), "dot", ""});
  plot.dots_name = "scored candidates";
  plot.front = {{30, 74, "third", "3"}, {10, 70, "first", "1"}, {20, 72, "second", "2"}};
  plot.front_name = "front";
  plot.limits = {{PlotAxis::kX, 32, "limit 32 ms"}};
  return plot;
}

TEST(SvgPlotTest, PictureHasAllItsParts) {
  const std::string svg = RenderSvg(SomePlot());

  EXPECT_TRUE(IsBalanced(svg));
  EXPECT_EQ(Count(svg, "class=\"dot\""), 20 + 1);
  EXPECT_EQ(Count(svg, "class=\"best\""), 3 + 1);
  EXPECT_EQ(Count(svg, "class=\"steps\""), 1);
  EXPECT_THAT(svg, AllOf(HasSubstr("latency (ms)"), HasSubstr("top-1 accuracy (%)"),
                         HasSubstr("limit 32 ms"), HasSubstr("<title>second</title>"),
                         HasSubstr("prefers-color-scheme: dark"), HasSubstr(">20<")));
}

TEST(SvgPlotTest, ErrorsAreBarsAndTheOtherMeasureIsRings) {
  ScatterPlot plot = SomePlot();
  plot.error_name = "one standard error";
  EXPECT_THAT(RenderSvg(plot), Not(HasSubstr("one standard error")));
  plot.front[0].y_error = 1.5;
  plot.front[1].x_error = 2;
  plot.front[2].y_error = std::numeric_limits<double>::quiet_NaN();
  plot.tested = {{30, 71, "tested", "", 0, 1.5}};
  plot.tested_name = "on the test split";

  const std::string svg = RenderSvg(plot);

  EXPECT_TRUE(IsBalanced(svg));
  // Two bars, and the one of the legend.
  EXPECT_EQ(Count(svg, "class=\"error\""), 2 + 1);
  EXPECT_EQ(Count(svg, "class=\"ring-error\""), 1);
  EXPECT_EQ(Count(svg, "class=\"ring\""), 1 + 1);
  EXPECT_THAT(svg, AllOf(HasSubstr("one standard error"), HasSubstr("on the test split")));
}

TEST(SvgPlotTest, LegendWrapsWithinThePicture) {
  ScatterPlot plot = SomePlot();
  plot.width = 1000;
  plot.front_name = "front (number of the candidate)";
  const std::string narrow = RenderSvg(plot);
  plot.dots_name = std::string(100, 'd');

  const std::string wide = RenderSvg(plot);

  // The frame begins one row of the legend lower, whose last entries lie at its left.
  EXPECT_THAT(narrow, HasSubstr("class=\"frame\" x=\"72.0\" y=\"76.0\""));
  EXPECT_THAT(wide, HasSubstr("class=\"frame\" x=\"72.0\" y=\"94.0\""));
  EXPECT_THAT(wide,
              HasSubstr("<text class=\"legend\" x=\"89.0\" y=\"80.0\" text-anchor=\"start\">ddd"));
}

TEST(SvgPlotTest, BarsAreWithinThePicture) {
  ScatterPlot plot = SomePlot();
  plot.dots.clear();
  plot.limits.clear();
  plot.front = {{10, 70, "", "", 0, 20}};

  // 50 to 90 on the y axis.
  EXPECT_THAT(RenderSvg(plot), AllOf(HasSubstr(">50<"), HasSubstr(">90<")));
}

TEST(SvgPlotTest, FrontIsJoinedInOrderOfX) {
  ScatterPlot plot = SomePlot();
  const std::string shuffled = RenderSvg(plot);
  std::swap(plot.front[0], plot.front[2]);

  EXPECT_EQ(RenderSvg(plot), shuffled);
}

TEST(SvgPlotTest, HostileTextIsEscaped) {
  ScatterPlot plot = SomePlot();
  plot.title = "<script>alert('x')</script> & \"more\" \x01\xff";
  plot.dots[0].tooltip = "</title><script>";

  const std::string svg = RenderSvg(plot);

  EXPECT_TRUE(IsBalanced(svg));
  EXPECT_THAT(svg, AllOf(Not(HasSubstr("<script")), HasSubstr("&lt;script&gt;"),
                         HasSubstr("&amp; &quot;more&quot; ??")));
}

TEST(SvgPlotTest, ValuesThatAreNotFiniteAreLeftOut) {
  ScatterPlot plot = SomePlot();
  plot.dots.push_back({std::numeric_limits<double>::quiet_NaN(), 1, "", ""});
  plot.front.push_back({1, std::numeric_limits<double>::infinity(), "", ""});
  plot.limits.push_back({PlotAxis::kY, -std::numeric_limits<double>::infinity(), "unseen"});

  const std::string svg = RenderSvg(plot);

  EXPECT_EQ(Count(svg, "class=\"dot\""), 20 + 1);
  EXPECT_EQ(Count(svg, "class=\"best\""), 3 + 1);
  EXPECT_THAT(svg, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf")), Not(HasSubstr("unseen"))));
}

TEST(SvgPlotTest, FewOrEqualPointsStillMakeAPlot) {
  ScatterPlot empty;
  EXPECT_TRUE(IsBalanced(RenderSvg(empty)));

  ScatterPlot one;
  one.front = {{5, 0.5, "", "1"}};
  EXPECT_THAT(RenderSvg(one), AllOf(Not(HasSubstr("nan")), Not(HasSubstr("steps\" d"))));

  ScatterPlot equal;
  equal.dots = {{0, 0, "", ""}, {0, 0, "", ""}};
  EXPECT_THAT(RenderSvg(equal), Not(HasSubstr("nan")));
}

TEST(SvgPlotTest, FarLimitDoesNotSquashThePoints) {
  ScatterPlot plot = SomePlot();
  plot.limits = {{PlotAxis::kX, 1e6, "far away"}};

  EXPECT_THAT(RenderSvg(plot), Not(HasSubstr("far away")));
}

TEST(SvgPlotTest, LegendNamesALimitOnlyWhereItIsDrawn) {
  ScatterPlot plot = SomePlot();
  EXPECT_THAT(RenderSvg(plot), HasSubstr(">limit</text>"));

  plot.limits = {{PlotAxis::kX, 1e6, "far away"}};
  EXPECT_THAT(RenderSvg(plot), Not(HasSubstr(">limit</text>")));
}

}  // namespace
}  // namespace niwaki::cli
