#include "services/cli/show/plots/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "services/cli/show/plots/axis_ticks.h"
#include "services/cli/show/plots/svg_text.h"

namespace niwaki::cli {
namespace {

constexpr double kLeft = 72;
constexpr double kRight = 24;
constexpr double kTop = 76;
constexpr double kBottom = 58;
// Of the legend: a row, and what a character takes at most in the mean, by the widest of the fonts.
constexpr double kLegendRow = 18;
constexpr double kLegendCharacter = 7;

// Colours as plain rules, repeated for dark ground: viewers that know no variables show them too.
constexpr char kStyle[] = R"(<style>
text { font-family: system-ui, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; fill: #24292f; }
.ground { fill: #ffffff; } .frame { fill: none; stroke: #8c959f; } .grid { stroke: #eaeef2; }
.title { font-size: 17px; font-weight: 600; } .subtitle { font-size: 12px; fill: #57606a; }
.tick { font-size: 11px; fill: #57606a; } .axis { font-size: 13px; } .legend { font-size: 12px; }
.dot { fill: #8c959f; fill-opacity: 0.45; } .steps { fill: none; stroke: #0969da; stroke-width: 2; }
.best { fill: #0969da; stroke: #ffffff; stroke-width: 1.5; } .name { font-size: 10.5px; fill: #0550ae; }
.limit { stroke: #cf222e; stroke-width: 1.3; stroke-dasharray: 6 4; } .limit-name { font-size: 11px; fill: #cf222e; }
.error { stroke: #0969da; stroke-width: 1.2; stroke-opacity: 0.55; }
.ring { fill: none; stroke: #bf8700; stroke-width: 1.8; } .ring-error { stroke: #bf8700; stroke-width: 1.2; stroke-opacity: 0.55; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .ground { fill: #0d1117; } .frame { stroke: #6e7681; } .grid { stroke: #21262d; }
.subtitle, .tick { fill: #9198a1; } .dot { fill: #8b949e; } .steps { stroke: #58a6ff; }
.best { fill: #58a6ff; stroke: #0d1117; } .name { fill: #79c0ff; }
.limit { stroke: #ff7b72; } .limit-name { fill: #ff7b72; }
.error { stroke: #58a6ff; } .ring { stroke: #d29922; } .ring-error { stroke: #d29922; }
}
</style>
)";

struct Range {
  double low = 0;
  double high = 1;
};

std::string Px(double value) { return absl::StrFormat("%.1f", value); }

bool IsFinite(const PlotPoint& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

std::vector<PlotPoint> Finite(const std::vector<PlotPoint>& points) {
  std::vector<PlotPoint> finite;
  std::copy_if(points.begin(), points.end(), std::back_inserter(finite), IsFinite);
  return finite;
}

// Half the bar of a point along an axis; 0 for none.
double BarOf(const PlotPoint& point, PlotAxis axis) {
  const double error = axis == PlotAxis::kX ? point.x_error : point.y_error;
  return std::isfinite(error) && error > 0 ? error : 0;
}

enum class KeySign { kCircle, kBar, kDashes };

// An entry of the legend.
struct Key {
  KeySign sign;
  absl::string_view css;
  // Of a circle.
  double radius;
  std::string name;
  double x;
  double text_x;
  int row;
};

// One rendering: the plot's data in pixels.
class Renderer {
 public:
  explicit Renderer(const ScatterPlot& plot)
      : plot_(plot),
        width_(std::max(plot.width, 320)),
        height_(std::max(plot.height, 240)),
        dots_(Finite(plot.dots)),
        front_(Finite(plot.front)),
        tested_(Finite(plot.tested)),
        x_(RangeOf(PlotAxis::kX)),
        y_(RangeOf(PlotAxis::kY)),
        keys_(Keys()),
        top_(kTop + (keys_.empty() ? 0 : keys_.back().row) * kLegendRow) {
    std::sort(front_.begin(), front_.end(), [](const PlotPoint& a, const PlotPoint& b) {
      return std::make_pair(a.x, a.y) < std::make_pair(b.x, b.y);
    });
  }

  std::string Render() {
    absl::StrAppend(&svg_, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width_,
                    "\" height=\"", height_, "\" viewBox=\"0 0 ", width_, " ", height_,
                    "\" role=\"img\">\n<title>", SvgText(plot_.title), "</title>\n", kStyle,
                    "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    Axes();
    Limits();
    Dots();
    Front();
    Tested();
    Titles();
    Legend();
    return absl::StrCat(svg_, "</svg>\n");
  }

 private:
  Range RangeOf(PlotAxis axis) const {
    Range range{INFINITY, -INFINITY};
    const auto include = [&](double value) {
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    };
    for (const auto* points : {&dots_, &front_, &tested_}) {
      for (const PlotPoint& point : *points) {
        const double value = axis == PlotAxis::kX ? point.x : point.y;
        const double error = points == &dots_ ? 0 : BarOf(point, axis);
        include(value - error);
        include(value + error);
      }
    }
    const bool empty = !(range.low <= range.high);
    const double span = empty ? 0 : range.high - range.low;
    const Range points = range;
    for (const PlotLimit& limit : plot_.limits) {
      const bool near =
          empty || (limit.value <= points.high + span && limit.value >= points.low - span);
      if (limit.axis == axis && std::isfinite(limit.value) && near) include(limit.value);
    }
    if (!(range.low <= range.high)) return Range{0, 1};
    double margin = 0.06 * (range.high - range.low);
    if (!(margin > std::fabs(range.high) * 1e-12)) margin = std::fabs(range.high) * 0.1 + 1e-9;
    return Range{range.low - margin, range.high + margin};
  }

  double X(double x) const {
    return kLeft + (x - x_.low) / (x_.high - x_.low) * (width_ - kLeft - kRight);
  }
  double Y(double y) const {
    return height_ - kBottom - (y - y_.low) / (y_.high - y_.low) * (height_ - top_ - kBottom);
  }

  void Line(absl::string_view css, double x1, double y1, double x2, double y2) {
    absl::StrAppend(&svg_, "<line class=\"", css, "\" x1=\"", Px(x1), "\" y1=\"", Px(y1),
                    "\" x2=\"", Px(x2), "\" y2=\"", Px(y2), "\"/>\n");
  }

  void Text(absl::string_view css, double x, double y, absl::string_view anchor,
            absl::string_view text) {
    absl::StrAppend(&svg_, "<text class=\"", css, "\" x=\"", Px(x), "\" y=\"", Px(y),
                    "\" text-anchor=\"", anchor, "\">", SvgText(text), "</text>\n");
  }

  void Circle(absl::string_view css, const PlotPoint& point, double radius) {
    absl::StrAppend(&svg_, "<circle class=\"", css, "\" cx=\"", Px(X(point.x)), "\" cy=\"",
                    Px(Y(point.y)), "\" r=\"", Px(radius), "\">");
    if (!point.tooltip.empty()) {
      absl::StrAppend(&svg_, "<title>", SvgText(point.tooltip), "</title>");
    }
    absl::StrAppend(&svg_, "</circle>\n");
  }

  void Axes() {
    const double bottom = height_ - kBottom;
    const double right = width_ - kRight;
    const std::vector<double> x_ticks = NiceTicks(x_.low, x_.high, std::max(3, width_ / 110));
    for (double tick : x_ticks) {
      Line("grid", X(tick), top_, X(tick), bottom);
      Text("tick", X(tick), bottom + 17, "middle", FormatTick(tick, x_ticks));
    }
    const std::vector<double> y_ticks = NiceTicks(y_.low, y_.high, std::max(3, height_ / 80));
    for (double tick : y_ticks) {
      Line("grid", kLeft, Y(tick), right, Y(tick));
      Text("tick", kLeft - 8, Y(tick) + 4, "end", FormatTick(tick, y_ticks));
    }
    absl::StrAppend(&svg_, "<rect class=\"frame\" x=\"", Px(kLeft), "\" y=\"", Px(top_),
                    "\" width=\"", Px(right - kLeft), "\" height=\"", Px(bottom - top_), "\"/>\n");
    Text("axis", (kLeft + right) / 2, height_ - 16, "middle", plot_.x_title);
    const double middle = (top_ + bottom) / 2;
    absl::StrAppend(&svg_, "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(20 ",
                    Px(middle), ") rotate(-90)\">", SvgText(plot_.y_title), "</text>\n");
  }

  bool InFrame(const PlotLimit& limit) const {
    const Range& range = limit.axis == PlotAxis::kX ? x_ : y_;
    return limit.value >= range.low && limit.value <= range.high;
  }

  void Limits() {
    for (const PlotLimit& limit : plot_.limits) {
      if (!InFrame(limit)) continue;
      if (limit.axis == PlotAxis::kX) {
        const double x = X(limit.value);
        const bool flip = x > width_ - kRight - 120;
        Line("limit", x, top_, x, height_ - kBottom);
        Text("limit-name", flip ? x - 6 : x + 6, height_ - kBottom - 8, flip ? "end" : "start",
             limit.label);
      } else {
        const double y = Y(limit.value);
        Line("limit", kLeft, y, width_ - kRight, y);
        Text("limit-name", width_ - kRight - 6, y - 6, "end", limit.label);
      }
    }
  }

  void Dots() {
    for (const PlotPoint& point : dots_) Circle("dot", point, 3.2);
  }

  // The border of what the front dominates: level until the next better point.
  void Steps() {
    std::string path;
    for (size_t i = 0; i < front_.size(); ++i) {
      const std::string x = Px(X(front_[i].x));
      const std::string y = Px(Y(front_[i].y));
      if (i == 0) {
        absl::StrAppend(&path, "M", x, " ", y);
      } else {
        absl::StrAppend(&path, " H", x, " V", y);
      }
    }
    absl::StrAppend(&svg_, "<path class=\"steps\" d=\"", path, "\"/>\n");
  }

  void Front() {
    if (front_.size() > 1) Steps();
    for (const PlotPoint& point : front_) Bars("error", point);
    // The side that the front faces is free of points: above to the left, or below where less is
    // better. Labels that would touch the one before are left out.
    double last_right = -INFINITY;
    double last_y = -INFINITY;
    for (const PlotPoint& point : front_) {
      Circle("best", point, 5);
      const double right = X(point.x) - 6;
      const double left = right - 6.5 * point.label.size();
      const double y = Y(point.y) + (plot_.larger_y_is_better ? -7 : 15);
      const bool clear = left > last_right + 3 || std::fabs(y - last_y) > 12;
      if (point.label.empty() || !clear || left < kLeft || y < top_ + 10) continue;
      Text("name", right, y, "end", point.label);
      last_right = right;
      last_y = y;
    }
  }

  void Tested() {
    for (const PlotPoint& point : tested_) {
      Bars("ring-error", point);
      Circle("ring", point, 4.5);
    }
  }

  void Bars(absl::string_view css, const PlotPoint& point) {
    const double x = BarOf(point, PlotAxis::kX);
    const double y = BarOf(point, PlotAxis::kY);
    if (x > 0) Line(css, X(point.x - x), Y(point.y), X(point.x + x), Y(point.y));
    if (y > 0) Line(css, X(point.x), Y(point.y - y), X(point.x), Y(point.y + y));
  }

  bool HasBars() const {
    return std::any_of(front_.begin(), front_.end(), [](const PlotPoint& point) {
      return BarOf(point, PlotAxis::kX) > 0 || BarOf(point, PlotAxis::kY) > 0;
    });
  }

  void Titles() {
    Text("title", kLeft, 28, "start", plot_.title);
    if (!plot_.subtitle.empty()) Text("subtitle", kLeft, 46, "start", plot_.subtitle);
  }

  // The legend's entries where they lie, in as many rows as they take.
  std::vector<Key> Keys() const {
    std::vector<Key> keys;
    double x = kLeft;
    int row = 0;
    const auto add = [&](KeySign sign, absl::string_view css, double radius,
                         const std::string& name) {
      if (name.empty()) return;
      const double text = sign == KeySign::kDashes ? 25 : 17;
      const double width = text + kLegendCharacter * name.size();
      if (x > kLeft && x + width > width_ - kRight) {
        ++row;
        x = kLeft;
      }
      keys.push_back({sign, css, radius, name, x, x + text, row});
      x += width + 17;
    };
    add(KeySign::kCircle, "best", 5, plot_.front_name);
    add(KeySign::kCircle, "dot", 3.2, plot_.dots_name);
    if (!tested_.empty()) add(KeySign::kCircle, "ring", 4.5, plot_.tested_name);
    if (HasBars()) add(KeySign::kBar, "error", 0, plot_.error_name);
    const bool limit_drawn = std::any_of(plot_.limits.begin(), plot_.limits.end(),
                                         [this](const PlotLimit& limit) { return InFrame(limit); });
    if (limit_drawn) add(KeySign::kDashes, "limit", 0, "limit");
    return keys;
  }

  void Legend() {
    for (const Key& key : keys_) {
      const double y = kTop - 14 + key.row * kLegendRow;
      Sign(key, y);
      Text("legend", key.text_x, y, "start", key.name);
    }
  }

  void Sign(const Key& key, double y) {
    switch (key.sign) {
      case KeySign::kCircle:
        absl::StrAppend(&svg_, "<circle class=\"", key.css, "\" cx=\"", Px(key.x + 6), "\" cy=\"",
                        Px(y - 4), "\" r=\"", Px(key.radius), "\"/>\n");
        return;
      case KeySign::kBar:
        Line(key.css, key.x + 6, y - 10, key.x + 6, y + 2);
        return;
      case KeySign::kDashes:
        Line(key.css, key.x, y - 4, key.x + 18, y - 4);
        return;
    }
  }

  const ScatterPlot& plot_;
  const int width_;
  const int height_;
  const std::vector<PlotPoint> dots_;
  std::vector<PlotPoint> front_;
  const std::vector<PlotPoint> tested_;
  const Range x_;
  const Range y_;
  // Of what is drawn within the ranges.
  const std::vector<Key> keys_;
  // Where the frame begins, below the legend.
  const double top_;
  std::string svg_;
};

}  // namespace

std::string RenderSvg(const ScatterPlot& plot) { return Renderer(plot).Render(); }

}  // namespace niwaki::cli
