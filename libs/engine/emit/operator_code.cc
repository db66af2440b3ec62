#include "libs/engine/emit/operator_code.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/log.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/quantise/kernel_parameters.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;
using arch::TensorId;

std::string Braces(const nw_factor& factor) {
  return absl::StrCat("{", factor.multiplier, ", ", factor.shift, "}");
}

std::string Braces(const nw_limits& limits) {
  return absl::StrCat("{", limits.low, ", ", limits.high, "}");
}

std::string Braces(const nw_window& w) {
  return absl::StrCat("{", w.kernel_height, ", ", w.kernel_width, ", ", w.stride_height, ", ",
                      w.stride_width, ", ", w.padding_top, ", ", w.padding_left, "}");
}

nw_steps StepsOf(const arch::TensorShape& shape, Layout layout, int ring_rows = 0) {
  const int rows = ring_rows > 0 ? ring_rows : shape.height;
  if (layout == Layout::kPlanar) return {shape.width, 1, rows * shape.width};
  return nw_channels_innermost({shape.height, shape.width, shape.channels});
}

std::string Braces(const arch::TensorShape& shape) {
  return absl::StrCat("{", shape.height, ", ", shape.width, ", ", shape.channels, "}");
}

std::string Braces(const nw_steps& steps) {
  return absl::StrCat("{", steps.row, ", ", steps.column, ", ", steps.channel, "}");
}

class Writer {
 public:
  Writer(const QuantisedNetwork& network, const MemoryPlan& plan, int index,
         absl::string_view section, KernelSet kernels, bool streams)
      : network_(network),
        graph_(network.graph),
        plan_(plan),
        index_(index),
        op_(network.graph.ops[index]),
        section_(section),
        kernel_(KernelOf(graph_, plan, index, kernels)),
        streams_(streams),
        parameters_(ParametersOf(network, op_)) {
    code_.name = absl::StrCat("run_", index);
  }

  OperatorCode Write() {
    WriteBody();
    if (body_.empty()) return code_;
    code_.function = absl::StrCat(
        "// Operator ", index_, ": ", OperatorText(graph_, index_), "\nstatic void ", code_.name,
        streams_ ? "(int8_t* arena, nw_rows rows) {\n" : "(int8_t* arena) {\n", body_, "}\n");
    return code_;
  }

 private:
  const arch::TensorShape& Shape(TensorId id) const { return graph_.shape(id); }

  // Where the tensor begins: in the arena, or in flash.
  std::string Place(TensorId id, int64_t offset = 0) const {
    if (network_.constants.count(id) > 0) {
      return absl::StrCat("constant_", id, offset == 0 ? "" : absl::StrCat(" + ", offset));
    }
    return absl::StrCat("arena + ", plan_.tensors[id].offset_bytes + offset);
  }

  void Line(absl::string_view text) { absl::StrAppend(&body_, "  ", text, "\n"); }

  Layout LayoutOf(TensorId id) const {
    // Constants lie in flash as the network has them.
    return network_.constants.count(id) > 0 ? Layout::kInterleaved : plan_.tensors[id].layout;
  }
  int RingOf(TensorId id) const {
    return network_.constants.count(id) > 0 ? 0 : plan_.tensors[id].ring_rows;
  }
  // In C, from the rows of the call.
  std::string Turn(TensorId id) const {
    if (RingOf(id) == 0) return "0";
    const RingTurn turn = TurnOfRing(graph_, plan_, id);
    if (turn.by_row == 0) return absl::StrCat(turn.offset % RingOf(id));
    return absl::StrCat("(rows.begin * ", turn.by_row, " + ", turn.offset, ") % ", RingOf(id));
  }
  nw_steps Steps(TensorId id) const { return StepsOf(Shape(id), LayoutOf(id), RingOf(id)); }

  // For kernels that take memory as one row of bytes.
  void CheckDense(TensorId id) const {
    const arch::TensorShape& shape = Shape(id);
    const bool one_pixel = shape.height * shape.width == 1;
    NIWAKI_CHECK(one_pixel || shape.channels == 1 || LayoutOf(id) == Layout::kInterleaved);
  }

  void Input(absl::string_view name, TensorId id) {
    Line(absl::StrCat("const nw_input ", name, " = {", Place(id), ", ", Braces(Shape(id)), ", ",
                      Braces(Steps(id)), ", ", RingOf(id), ", ", Turn(id), "};"));
  }

  // A linear layer reads one pixel, whatever its input's shape.
  void InputAsPixel(TensorId id) {
    CheckDense(id);
    const arch::TensorShape pixel = {1, 1, static_cast<int>(Shape(id).elements())};
    Line(absl::StrCat("const nw_input input = {", Place(id), ", ", Braces(pixel), ", ",
                      Braces(StepsOf(pixel, Layout::kInterleaved)), ", 0, 0};"));
  }

  void Output() {
    Line(absl::StrCat("const nw_output output = {", Place(op_.output), ", ",
                      Braces(Shape(op_.output)), ", ", Braces(Steps(op_.output)), ", ",
                      RingOf(op_.output), ", ", Turn(op_.output), "};"));
    if (streams_) return;
    if (kernel_ == Kernel::kFastLinear) return;
    Line(absl::StrCat("const nw_rows rows = {0, ", Shape(op_.output).height, "};"));
  }

  bool TakesWindow() const {
    return kernel_ != Kernel::kFastPointwise && kernel_ != Kernel::kFastLinear;
  }

  // Rows that overwrite those before them: rows of the output must be no longer.
  void CheckRowsInPlace() const {
    if (plan_.overwrites[index_] < 0) return;
    NIWAKI_CHECK(Shape(op_.input).channels == Shape(op_.output).channels);
    NIWAKI_CHECK(Shape(op_.output).width <= Shape(op_.input).width);
    NIWAKI_CHECK(LayoutOf(op_.input) == LayoutOf(op_.output));
    NIWAKI_CHECK(plan_.tensors[op_.input].offset_bytes == plan_.tensors[op_.output].offset_bytes);
  }

  // The largest piece of the arena that is free while the operator runs, and its size: at least the
  // scratch memory that the plan sets aside.
  std::string ScratchWithRoom() const {
    std::vector<std::pair<int64_t, int64_t>> taken;
    for (const TensorPlacement& place : plan_.tensors) {
      if (place.size_bytes == 0 || place.last_op < index_ || place.first_op > index_) continue;
      taken.emplace_back(place.offset_bytes, place.offset_bytes + place.size_bytes);
    }
    taken.emplace_back(plan_.arena_bytes, plan_.arena_bytes);
    std::sort(taken.begin(), taken.end());
    int64_t free = 0;
    int64_t largest = 0;
    int64_t size = 0;
    for (const auto& [begin, end] : taken) {
      if (begin - free > size) {
        largest = free;
        size = begin - free;
      }
      free = std::max(free, (end + 3) / 4 * 4);
    }
    NIWAKI_CHECK(size >= plan_.scratch[index_].size_bytes);
    return absl::StrCat("arena + ", largest, ", ", size);
  }

  void InputAndOutput() {
    Input("input", op_.input);
    Output();
  }

  void Window() {
    Line(absl::StrCat("static const nw_window window = ", Braces(parameters_.window), ";"));
  }

  // Calls the operator's kernel; `arguments` in parentheses.
  void Call(absl::string_view arguments) {
    const KernelFacts& kernel = FactsOf(kernel_);
    code_.kernel = std::string(kernel.file);
    Line(absl::StrCat(kernel.function, arguments, ";"));
  }

  std::string Array(absl::string_view type, absl::string_view name, size_t size) const {
    return absl::StrCat("static const ", type == "int8_t" ? "_Alignas(4) " : "", type, " ", name,
                        "_", index_, "[", size, "] ", section_);
  }

  void WriteConvolution() {
    const QuantisedWeight& weight = network_.weights[op_.weight];
    const KernelParameters& p = parameters_;
    std::string& text = code_.constants;
    AppendArray(Array("int8_t", "weights", weight.values.size()), weight.values, text);
    AppendArray(Array("int32_t", "biases", weight.biases.size()), weight.biases, text);
    AppendArray(Array("int32_t", "multipliers", p.multipliers.size()), p.multipliers, text);
    AppendArray(Array("int8_t", "shifts", p.shifts.size()), p.shifts, text);
    if (TakesWindow()) Window();
    Line(absl::StrCat("static const nw_filters filters = {weights_", index_, ", biases_", index_,
                      ", multipliers_", index_, ", shifts_", index_, "};"));
    Line(absl::StrCat("static const nw_levels levels = {", p.levels.input_zero, ", ",
                      p.levels.output_zero, ", ", Braces(p.levels.limits), "};"));
    if (op_.kind == OpKind::kLinear) {
      InputAsPixel(op_.input);
      Output();
    } else {
      InputAndOutput();
    }
    WriteCallOfConvolution();
  }

  void WriteCallOfConvolution() {
    const std::string scratch = absl::StrCat("arena + ", plan_.scratch[index_].offset_bytes);
    switch (kernel_) {
      case Kernel::kFastDepthwise:
        CheckRowsInPlace();
        return Call(
            absl::StrCat("(&input, &output, &window, &filters, &levels, ", scratch, ", rows)"));
      case Kernel::kFastLinear:
        return Call(absl::StrCat("(&input, &output, &filters, &levels, ", scratch, ")"));
      case Kernel::kFastWindow:
        return Call(absl::StrCat("(&input, &output, &window, &filters, &levels, ",
                                 ScratchWithRoom(), ", rows)"));
      case Kernel::kFastPointwise:
        return Call(
            absl::StrCat("(&input, &output, &filters, &levels, ", ScratchWithRoom(), ", rows)"));
      case Kernel::kDepthwiseInPlace:
        return WriteDepthwiseInPlace();
      default:
        return Call("(&input, &output, &window, &filters, &levels, rows)");
    }
  }

  void WriteDepthwiseInPlace() {
    // Only then do a channel's outputs lie where its inputs were, or those of channels before it.
    NIWAKI_CHECK(Shape(op_.input).channels == Shape(op_.output).channels);
    NIWAKI_CHECK(LayoutOf(op_.input) == LayoutOf(op_.output));
    NIWAKI_CHECK(plan_.tensors[op_.input].offset_bytes == plan_.tensors[op_.output].offset_bytes);
    const int width = Shape(op_.input).width + op_.padding.width();
    const int height =
        streams_ ? int{op_.kernel_h} : Shape(op_.input).height + op_.padding.height();
    NIWAKI_CHECK(plan_.scratch[index_].size_bytes >=
                 NW_DEPTHWISE_SCRATCH(int64_t{height}, int64_t{width}));
    Line(absl::StrCat("static const nw_extent plane = {", height, ", ", width, "};"));
    Line(absl::StrCat("int16_t* const scratch = (int16_t*)(void*)(arena + ",
                      plan_.scratch[index_].offset_bytes, ");"));
    Call("(&input, &output, &window, &filters, &levels, scratch, plane, rows)");
  }

  void TwoInputs() {
    Input("first", op_.input);
    Input("second", op_.second_input);
    Output();
  }

  void WriteAdd() {
    const nw_add_levels& l = parameters_.add;
    Line(absl::StrCat("static const nw_add_levels levels = {", l.first_zero, ", ", l.second_zero,
                      ", ", l.output_zero, ", ", Braces(l.first), ", ", Braces(l.second), ", ",
                      Braces(l.output), ", ", Braces(l.limits), "};"));
    TwoInputs();
    Call("(&first, &second, &output, &levels, rows)");
  }

  void WriteMultiply() {
    const nw_multiply_levels& l = parameters_.multiply;
    Line(absl::StrCat("static const nw_multiply_levels levels = {", l.first_zero, ", ",
                      l.second_zero, ", ", l.output_zero, ", ", Braces(l.output), ", ",
                      Braces(l.limits), "};"));
    TwoInputs();
    Call("(&first, &second, &output, &levels, rows)");
  }

  void WritePool() {
    Window();
    Line(absl::StrCat("static const nw_limits limits = ", Braces(parameters_.limits), ";"));
    InputAndOutput();
    Call("(&input, &output, &window, limits, rows)");
  }

  void WriteMean() {
    CheckDense(op_.input);
    CheckDense(op_.output);
    const arch::TensorShape& in = Shape(op_.input);
    const auto& axes = graph_.extras[op_.extra].axes;
    const int sides[3] = {in.height, in.width, in.channels};
    // Axes before those of the mean, of the mean, and behind.
    int sizes[3] = {1, 1, 1};
    int part = 0;
    for (int axis = 0; axis < 3; ++axis) {
      if (axes[axis]) {
        part = 1;
      } else if (part == 1 && sides[axis] > 1) {
        part = 2;
      }
      sizes[part] *= sides[axis];
    }
    const nw_mean_levels& l = parameters_.mean;
    Line(absl::StrCat("static const nw_mean_levels levels = {", l.input_zero, ", ", l.output_zero,
                      ", ", Braces(l.output), "};"));
    Call(absl::StrCat("(", Place(op_.input), ", ", Place(op_.output), ", ", sizes[0], ", ",
                      sizes[1], ", ", sizes[2], ", &levels)"));
  }

  void WriteConcat() {
    const arch::TensorShape& whole = Shape(op_.output);
    Line(absl::StrCat("const nw_rows rows = {0, ", whole.height, "};"));
    int channel = 0;
    int number = 0;
    for (const TensorId id : graph_.extras[op_.extra].inputs) {
      arch::TensorShape part = whole;
      part.channels = Shape(id).channels;
      Input(absl::StrCat("input_", number), id);
      Line(absl::StrCat("const nw_output part_", number, " = {",
                        Place(op_.output, channel * Steps(op_.output).channel), ", ", Braces(part),
                        ", ", Braces(Steps(op_.output)), ", ", RingOf(op_.output), ", 0};"));
      Call(absl::StrCat("(&input_", number, ", &part_", number, ", rows)"));
      channel += part.channels;
      ++number;
    }
  }

  void WriteReshape() {
    CheckDense(op_.input);
    CheckDense(op_.output);
    if (Place(op_.input) == Place(op_.output)) return;
    Call(absl::StrCat("(", Place(op_.output), ", ", Place(op_.input), ", ",
                      Shape(op_.output).elements(), ")"));
  }

  void WriteTranspose() {
    const std::array<int8_t, 3>& order = graph_.extras[op_.extra].order;
    Line(absl::StrCat("static const int8_t order[3] = {", order[0], ", ", order[1], ", ", order[2],
                      "};"));
    InputAndOutput();
    Call("(&input, &output, order, rows)");
  }

  void WriteSoftmax() {
    Line(absl::StrCat("static const nw_softmax_levels levels = {",
                      Braces(parameters_.softmax.input), ", ",
                      parameters_.softmax.smallest_difference, "};"));
    InputAndOutput();
    Call("(&input, &output, &levels, rows)");
  }

  void WriteActivation() {
    AppendArray(Array("int8_t", "table", 256), parameters_.table, code_.constants);
    InputAndOutput();
    Call(absl::StrCat("(&input, &output, table_", index_, ", rows)"));
  }

  void WriteRescale() {
    const nw_rescale_levels& l = parameters_.rescale;
    Line(absl::StrCat("static const nw_rescale_levels levels = {", l.input_zero, ", ",
                      l.output_zero, ", ", Braces(l.output), "};"));
    InputAndOutput();
    Call("(&input, &output, &levels, rows)");
  }

  void WriteBody() {
    switch (op_.kind) {
      case OpKind::kConv2d:
      case OpKind::kDepthwiseConv2d:
      case OpKind::kLinear:
        return WriteConvolution();
      case OpKind::kAdd:
        return WriteAdd();
      case OpKind::kMul:
        return WriteMultiply();
      case OpKind::kMaxPool:
      case OpKind::kAvgPool:
      case OpKind::kGlobalAvgPool:
        return WritePool();
      case OpKind::kPad:
        InputAndOutput();
        return Call(absl::StrCat("(&input, &output, ", op_.padding.top, ", ", op_.padding.left,
                                 ", ", network_.tensors[op_.input].zero_point, ", rows)"));
      case OpKind::kConcat:
        return WriteConcat();
      case OpKind::kReshape:
        return WriteReshape();
      case OpKind::kTranspose:
        return WriteTranspose();
      case OpKind::kSoftmax:
        return WriteSoftmax();
      case OpKind::kMean:
        return WriteMean();
      case OpKind::kUpsample:
        InputAndOutput();
        return Call("(&input, &output, rows)");
      case OpKind::kActivation:
        return WriteActivation();
      case OpKind::kRescale:
        return WriteRescale();
      case OpKind::kQuantize:
      case OpKind::kDequantize:
        // Floats stay outside.
        return;
    }
  }

  const QuantisedNetwork& network_;
  const arch::Graph& graph_;
  const MemoryPlan& plan_;
  const int index_;
  const Op& op_;
  const absl::string_view section_;
  const Kernel kernel_;
  const bool streams_;
  const KernelParameters parameters_;
  OperatorCode code_;
  std::string body_;
};

bool IsRead(const arch::Graph& graph, TensorId id) {
  return std::any_of(graph.ops.begin(), graph.ops.end(), [&](const Op& op) {
    const auto inputs = arch::InputsOf(graph, op);
    return std::find(inputs.begin(), inputs.end(), id) != inputs.end();
  });
}

}  // namespace

bool IsComputed(const Op& op) {
  return op.kind != OpKind::kQuantize && op.kind != OpKind::kDequantize;
}

std::string OperatorText(const arch::Graph& graph, int index) {
  const Op& op = graph.ops[index];
  std::string text(arch::OpKindName(op.kind));
  if (op.taps() > 1 || op.stride_h > 1 || op.stride_w > 1) {
    absl::StrAppend(&text, " ", op.kernel_h, "x", op.kernel_w, ", stride ",
                    arch::WindowText(op.stride_h, op.stride_w));
  }
  absl::StrAppend(&text, ": ", arch::ShapeText(graph.shape(arch::InputsOf(graph, op)[0])), " to ",
                  arch::ShapeText(graph.shape(op.output)));
  return text;
}

OperatorCode CodeOfOperator(const QuantisedNetwork& network, const MemoryPlan& plan, int index,
                            absl::string_view section, KernelSet kernels, bool streams) {
  return Writer(network, plan, index, section, kernels, streams).Write();
}

std::string ConstantOperands(const QuantisedNetwork& network, absl::string_view section) {
  std::string text;
  for (const auto& [id, values] : network.constants) {
    if (!IsRead(network.graph, id)) continue;
    AppendArray(absl::StrCat("static const _Alignas(4) int8_t constant_", id, "[", values.size(),
                             "] ", section),
                values, text);
  }
  return text;
}

}  // namespace niwaki::engine
