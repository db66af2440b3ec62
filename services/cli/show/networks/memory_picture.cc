#include "services/cli/show/networks/memory_picture.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/file.h"
#include "libs/base/text/units.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule.h"
#include "services/cli/show/plots/axis_ticks.h"
#include "services/cli/show/plots/svg_text.h"

namespace niwaki::cli {
namespace {

using arch::TensorId;

constexpr double kLeft = 76;
constexpr double kRight = 28;
constexpr double kTop = 78;
constexpr double kPlotHeight = 420;
constexpr double kBottom = 190;
constexpr double kNarrowestOperator = 15;
constexpr double kLeastPlotWidth = 640;
constexpr double kCharacterWidth = 5.6;
constexpr size_t kMostNameBytes = 30;
constexpr int kColours = 6;
constexpr double kKib = 1024;

// Colours as plain rules, repeated for dark ground: viewers that know no variables show them too.
constexpr char kHead[] = R"svg(<style>
text { font-family: system-ui, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; fill: #24292f; }
.ground { fill: #ffffff; } .frame { fill: none; stroke: #8c959f; } .grid { stroke: #eaeef2; }
.title { font-size: 17px; font-weight: 600; } .subtitle { font-size: 12px; fill: #57606a; }
.tick { font-size: 11px; fill: #57606a; } .op { font-size: 9.5px; fill: #57606a; } .axis { font-size: 13px; }
.name { font-size: 10px; } .tensor { stroke: #57606a; stroke-width: 0.6; fill-opacity: 0.75; }
.c0 { fill: #9ec5fe; } .c1 { fill: #a3d9b1; } .c2 { fill: #ffd8a8; } .c3 { fill: #d0bfff; } .c4 { fill: #f5b5c8; } .c5 { fill: #99dde0; }
.scratch { fill: url(#hatch); stroke: #57606a; stroke-width: 0.6; } .hatch { stroke: #57606a; stroke-width: 1; }
.peak { fill: #cf222e; fill-opacity: 0.10; } .peak-name { font-size: 11px; fill: #cf222e; }
.arena { stroke: #cf222e; stroke-width: 1.3; stroke-dasharray: 6 4; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .ground { fill: #0d1117; } .frame { stroke: #6e7681; } .grid { stroke: #21262d; }
.subtitle, .tick, .op { fill: #9198a1; } .tensor, .scratch { stroke: #9198a1; } .hatch { stroke: #9198a1; }
.c0 { fill: #1f4b8f; } .c1 { fill: #1f6f3d; } .c2 { fill: #8a5a14; } .c3 { fill: #553a9c; } .c4 { fill: #8c2f4e; } .c5 { fill: #14666b; }
.peak { fill: #ff7b72; } .peak-name { fill: #ff7b72; } .arena { stroke: #ff7b72; }
}
</style>
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>
)svg";

std::string Px(double value) { return absl::StrFormat("%.1f", value); }

class Picture {
 public:
  Picture(const arch::Graph& graph, const engine::MemoryPlan& plan, const std::string& title,
          const std::string& schedule)
      : graph_(graph),
        plan_(plan),
        title_(title),
        schedule_(schedule),
        operators_(static_cast<int>(graph.ops.size())),
        step_(std::max(kNarrowestOperator, kLeastPlotWidth / operators_)),
        right_(kLeft + step_ * operators_),
        bottom_(kTop + kPlotHeight),
        top_bytes_(1.06 * std::max<int64_t>(plan.arena_bytes, 1)) {}

  std::string Render() {
    const double width = right_ + kRight;
    const double height = bottom_ + kBottom;
    absl::StrAppend(&svg_, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", Px(width),
                    "\" height=\"", Px(height), "\" viewBox=\"0 0 ", Px(width), " ", Px(height),
                    "\" role=\"img\">\n<title>", SvgText(title_), "</title>\n", kHead,
                    "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    Axes();
    FindWriters();
    for (size_t t = 0; t < graph_.tensors.size(); ++t) Tensor(static_cast<TensorId>(t));
    for (int i = 0; i < operators_; ++i) Scratch(i);
    Marks();
    Text("title", kLeft, 28, "start", title_);
    Text("subtitle", kLeft, 46, "start",
         absl::StrCat("arena of ", FormatBytes(plan_.arena_bytes), " (", plan_.arena_bytes,
                      " bytes), input and scratch memory (hatched) counted",
                      schedule_.empty() ? "" : "; ", schedule_));
    return absl::StrCat(svg_, "</svg>\n");
  }

 private:
  double X(double op) const { return kLeft + op * step_; }
  double Y(double bytes) const { return bottom_ - bytes / top_bytes_ * kPlotHeight; }

  std::string NameOfOperator(int index) const { return arch::OpName(graph_, graph_.ops[index]); }

  void Text(absl::string_view css, double x, double y, absl::string_view anchor,
            absl::string_view text) {
    absl::StrAppend(&svg_, "<text class=\"", css, "\" x=\"", Px(x), "\" y=\"", Px(y),
                    "\" text-anchor=\"", anchor, "\">", SvgText(text), "</text>\n");
  }

  void Rectangle(absl::string_view css, double left, double right, int64_t begin, int64_t end,
                 absl::string_view tooltip) {
    absl::StrAppend(&svg_, "<rect class=\"", css, "\" x=\"", Px(X(left)), "\" y=\"", Px(Y(end)),
                    "\" width=\"", Px(X(right) - X(left)), "\" height=\"", Px(Y(begin) - Y(end)),
                    "\"><title>", SvgText(tooltip), "</title></rect>\n");
  }

  void Axes() {
    const double arena_kib = top_bytes_ / kKib;
    const std::vector<double> ticks = NiceTicks(0, arena_kib, 8);
    for (const double tick : ticks) {
      const double y = Y(tick * kKib);
      absl::StrAppend(&svg_, "<line class=\"grid\" x1=\"", Px(kLeft), "\" y1=\"", Px(y), "\" x2=\"",
                      Px(right_), "\" y2=\"", Px(y), "\"/>\n");
      Text("tick", kLeft - 8, y + 4, "end", FormatTick(tick, ticks));
    }
    Rectangle("peak", plan_.peak_op, plan_.peak_op + 1, 0, static_cast<int64_t>(top_bytes_),
              absl::StrCat("operator ", plan_.peak_op, " holds the most"));
    absl::StrAppend(&svg_, "<rect class=\"frame\" x=\"", Px(kLeft), "\" y=\"", Px(kTop),
                    "\" width=\"", Px(right_ - kLeft), "\" height=\"", Px(kPlotHeight), "\"/>\n");
    for (int i = 0; i < operators_; ++i) {
      absl::StrAppend(&svg_, "<text class=\"op\" text-anchor=\"end\" transform=\"translate(",
                      Px(X(i + 0.5) + 3), " ", Px(bottom_ + 8), ") rotate(-90)\">",
                      SvgText(absl::StrCat(NameOfOperator(i).substr(0, kMostNameBytes), "  ", i)),
                      "<title>",
                      SvgText(absl::StrCat("operator ", i, ": ", NameOfOperator(i), ", ",
                                           FormatBytes(engine::LiveBytes(plan_, i)), " live")),
                      "</title></text>\n");
    }
    Text("axis", (kLeft + right_) / 2, bottom_ + kBottom - 8, "middle", "operators, in order");
    absl::StrAppend(&svg_, "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(20 ",
                    Px(kTop + kPlotHeight / 2), ") rotate(-90)\">arena (kB)</text>\n");
  }

  void FindWriters() {
    writers_.assign(graph_.tensors.size(), -1);
    for (int i = 0; i < operators_; ++i) writers_[graph_.ops[i].output] = i;
  }

  void Tensor(TensorId id) {
    const engine::TensorPlacement& place = plan_.tensors[id];
    if (place.size_bytes == 0) return;
    const int writer = writers_[id];
    const std::string name = writer < 0 ? "input" : NameOfOperator(writer);
    const bool over = writer >= 0 && plan_.overwrites[writer] >= 0;
    const bool overwritten = plan_.overwrites[place.last_op] == id;
    const double left = place.first_op + (over ? 0.5 : 0);
    const double right = place.last_op + (overwritten ? 0.5 : 1);
    const int64_t end = place.offset_bytes + place.size_bytes;
    Rectangle(
        absl::StrCat("tensor c", id % kColours), left, right, place.offset_bytes, end,
        absl::StrCat(
            "tensor ", id, " (", name, "), ", arch::ShapeText(graph_.shape(id)),
            place.layout == engine::Layout::kPlanar ? " in planes" : "",
            place.ring_rows > 0 ? absl::StrCat(", ", place.ring_rows, " rows of it at a time") : "",
            ", bytes ", place.offset_bytes, " to ", end, ", operators ", place.first_op, " to ",
            place.last_op, over ? absl::StrCat(", over tensor ", plan_.overwrites[writer]) : ""));
    Label(name, id, left, right, place);
  }

  // The name, or the tensor's number, or nothing: whatever has room.
  void Label(const std::string& name, TensorId id, double left, double right,
             const engine::TensorPlacement& place) {
    const double width = X(right) - X(left) - 4;
    const double height = Y(place.offset_bytes) - Y(place.offset_bytes + place.size_bytes);
    std::string text = name;
    if (text.size() * kCharacterWidth > width) text = absl::StrCat(id);
    if (text.size() * kCharacterWidth > width || height < 11) return;
    const double middle = place.offset_bytes + place.size_bytes / 2.0;
    Text("name", X((left + right) / 2), Y(middle) + 3.5, "middle", text);
  }

  void Scratch(int index) {
    const engine::TensorPlacement& place = plan_.scratch[index];
    if (place.size_bytes == 0) return;
    const int64_t end = place.offset_bytes + place.size_bytes;
    Rectangle("scratch", index, index + 1, place.offset_bytes, end,
              absl::StrCat("scratch memory of operator ", index, " (", NameOfOperator(index),
                           "), bytes ", place.offset_bytes, " to ", end));
  }

  void Marks() {
    const double y = Y(plan_.arena_bytes);
    absl::StrAppend(&svg_, "<line class=\"arena\" x1=\"", Px(kLeft), "\" y1=\"", Px(y), "\" x2=\"",
                    Px(right_), "\" y2=\"", Px(y), "\"/>\n");
    const double peak = X(plan_.peak_op + 0.5);
    const bool flip = peak > (kLeft + right_) / 2;
    Text("peak-name", flip ? std::min(peak + step_, right_) : std::max(peak - step_, kLeft),
         kTop - 8, flip ? "end" : "start",
         absl::StrCat("operator ", plan_.peak_op, " (", NameOfOperator(plan_.peak_op),
                      ") holds the most: ", FormatBytes(engine::LiveBytes(plan_, plan_.peak_op))));
  }

  const arch::Graph& graph_;
  const engine::MemoryPlan& plan_;
  const std::string& title_;
  const std::string& schedule_;
  const int operators_;
  // Pixels.
  const double step_;
  const double right_;
  const double bottom_;
  // Bytes at the top of the plot.
  const double top_bytes_;
  // By tensor; -1 for the image.
  std::vector<int> writers_;
  std::string svg_;
};

}  // namespace

std::string RenderMemory(const arch::Graph& graph, const engine::MemoryPlan& plan,
                         const std::string& title, const std::string& schedule) {
  return Picture(graph, plan, title, schedule).Render();
}

absl::Status WriteMemoryPicture(const arch::Graph& graph, const std::string& title,
                                const std::string& path, int64_t sram_bytes,
                                absl::string_view schedule) {
  engine::NetworkPlanner planner;
  const engine::NetworkPlan& plan = planner.OfCost(graph, schedule, sram_bytes).plan;
  const bool whole = plan.schedule == engine::WholeSchedule(graph);
  return WriteFileAtomically(path, RenderMemory(graph, plan.memory, title,
                                                whole ? "" : engine::ScheduleText(plan.schedule)));
}

}  // namespace niwaki::cli
