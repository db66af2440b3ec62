#include "libs/interchange/onnx/write_model.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/describe.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/level_limits.h"
#include "libs/interchange/network_writer.h"
#include "libs/interchange/onnx/model_builder.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/window_fit.h"

namespace niwaki::interchange {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;
using engine::Quantisation;
using engine::QuantisedNetwork;

// A message has at most 31 bits; nodes and names need a little besides the data.
constexpr int64_t kMaxDataBytes = (int64_t{1} << 31) - (int64_t{64} << 20);

// Where height, width and channels of ours are among the axes of an image.
constexpr std::array<int64_t, 3> kAxisOfSide = {2, 3, 1};

// Whether an image lies in memory alike in both orders.
bool LiesAlike(const TensorShape& shape) {
  return shape.channels == 1 || int64_t{shape.height} * shape.width == 1;
}

class Writer : NetworkWriter {
 public:
  Writer(const QuantisedNetwork& network, const OnnxOptions& options)
      : NetworkWriter(network),
        options_(options),
        builder_(options.producer, options.name),
        real_(network.graph.tensors.size()),
        has_scales_(network.graph.tensors.size()) {}

  absl::StatusOr<std::string> Write() {
    NIWAKI_RETURN_IF_ERROR(Begin());
    builder_.SetInput(options_.input_name, IsFloat(graph_.input), SizesOf(graph_.input));
    NIWAKI_RETURN_IF_ERROR(WriteOperators([this](const Op& op) { return WriteOperator(op); },
                                          [this] { return builder_.data_bytes(); }, kMaxDataBytes));
    builder_.SetOutput(Name(graph_.output), IsFloat(graph_.output), SizesOf(graph_.output));
    return builder_.Serialize();
  }

 private:
  absl::Status WriteOperator(const Op& op) {
    switch (op.kind) {
      case OpKind::kConv2d:
      case OpKind::kDepthwiseConv2d:
        return WriteConvolution(op);
      case OpKind::kLinear:
        return WriteLinear(op);
      case OpKind::kAdd:
        return WriteBinary(op, "Add");
      case OpKind::kMul:
        return WriteBinary(op, "Mul");
      case OpKind::kMaxPool:
        return WritePool(op, "MaxPool");
      case OpKind::kAvgPool:
        return WritePool(op, "AveragePool");
      case OpKind::kGlobalAvgPool:
        return Finish(op, Node("GlobalAveragePool", {Real(op.input)}));
      case OpKind::kPad:
        return WritePad(op);
      case OpKind::kConcat:
        return WriteConcat(op);
      case OpKind::kReshape:
        return WriteReshape(op);
      case OpKind::kTranspose:
        return WriteTranspose(op);
      case OpKind::kSoftmax:
        return WriteSoftmax(op);
      case OpKind::kMean:
        return WriteMean(op);
      case OpKind::kUpsample:
        return WriteUpsample(op);
      case OpKind::kActivation:
        return WriteActivation(op);
      case OpKind::kRescale:
        NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), In(op)));
        return Quantise(op.output, Real(op.input));
      case OpKind::kQuantize:
        return WriteQuantize(op);
      case OpKind::kDequantize:
        return WriteDequantize(op);
    }
    return RefuseKind(op);
  }

  // Of the levels of a tensor, or of the floats at the border.
  std::string Name(TensorId id) const {
    if (id == graph_.input) return options_.input_name;
    if (id == graph_.output) return options_.output_name;
    return absl::StrCat("t", id);
  }

  std::vector<int64_t> SizesOf(TensorId id) const {
    const TensorShape& shape = graph_.shape(id);
    if (flat_[id]) return {1, shape.channels};
    return {1, shape.channels, shape.height, shape.width};
  }

  // A node whose output is real numbers, by the name of that output.
  std::string Node(const std::string& op_type, const std::vector<std::string>& inputs) {
    const std::string output = absl::StrCat("r", builder_.node_count());
    last_ = &builder_.AddNode(op_type, inputs, output);
    return output;
  }

  // Names of constants belong to the node that comes next.
  std::string ConstantName(absl::string_view what) const {
    return absl::StrCat("c", builder_.node_count(), "/", what);
  }

  // Scale and zero point of a tensor, written where they are first needed.
  std::vector<std::string> Scales(TensorId id) {
    const std::string scale = absl::StrCat("t", id, "/scale");
    const std::string zero = absl::StrCat("t", id, "/zero_point");
    if (!has_scales_[id]) {
      has_scales_[id] = true;
      const Quantisation& quantisation = network_.tensors[id];
      builder_.AddFloats(scale, {quantisation.scale}, {});
      builder_.AddInt8(zero, {static_cast<int8_t>(quantisation.zero_point)}, {});
    }
    return {scale, zero};
  }

  std::string Dequantise(TensorId id, const std::string& levels) {
    const std::vector<std::string> scales = Scales(id);
    return Node("DequantizeLinear", {levels, scales[0], scales[1]});
  }

  // The levels of tensor `id` are those of real numbers.
  absl::Status Quantise(TensorId id, const std::string& real) {
    const std::vector<std::string> scales = Scales(id);
    builder_.AddNode("QuantizeLinear", {real, scales[0], scales[1]}, Name(id));
    return absl::OkStatus();
  }

  // The real numbers that an operator reads; a constant is written where it is first read.
  std::string Real(TensorId id) {
    if (!real_[id].empty()) return real_[id];
    const auto constant = network_.constants.find(id);
    if (constant != network_.constants.end()) WriteConstant(id, constant->second);
    real_[id] = Dequantise(id, Name(id));
    return real_[id];
  }

  void WriteConstant(TensorId id, const std::vector<int8_t>& values) {
    if (written_.count(id) > 0) return;
    written_.insert(id);
    const TensorShape& shape = graph_.shape(id);
    const int64_t pixels = int64_t{shape.height} * shape.width;
    std::vector<int8_t> moved(values.size());
    for (int64_t pixel = 0; pixel < pixels; ++pixel) {
      for (int64_t c = 0; c < shape.channels; ++c) {
        moved[c * pixels + pixel] = values[pixel * shape.channels + c];
      }
    }
    builder_.AddInt8(Name(id), moved, SizesOf(id));
  }

  // What the operator's activation makes of `real`, as levels of its output.
  absl::Status Finish(const Op& op, const std::string& real) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string activated, Activated(op, real));
    return Quantise(op.output, activated);
  }

  absl::StatusOr<std::string> Activated(const Op& op, const std::string& real) {
    switch (op.activation) {
      case OpActivation::kNone:
        return real;
      case OpActivation::kRelu:
        return Node("Relu", {real});
      case OpActivation::kRelu6: {
        const std::string low = builder_.AddFloats(ConstantName("low"), {0.0F}, {});
        const std::string high = builder_.AddFloats(ConstantName("high"), {6.0F}, {});
        return Node("Clip", {real, low, high});
      }
      default:
        return Refuse("activation", arch::OpActivationName(op.activation), "none, relu, relu6",
                      "the format fuses no such activation: make it an operator of its own");
    }
  }

  // The node that was written last has this window.
  absl::Status SetWindow(const Op& op, int after_h, int after_w) {
    OnnxBuilder::SetIntegers(*last_, "kernel_shape", {op.kernel_h, op.kernel_w});
    OnnxBuilder::SetIntegers(*last_, "pads", {op.padding.top, op.padding.left, after_h, after_w});
    OnnxBuilder::SetIntegers(*last_, "strides", {op.stride_h, op.stride_w});
    return absl::OkStatus();
  }

  // Padding below and right.
  absl::StatusOr<std::array<int, 2>> PaddingAfter(const Op& op) const {
    const std::optional<int> below = PaddingBehind(In(op).height, Out(op).height, op.kernel_h,
                                                   op.stride_h, op.padding.top, op.padding.bottom);
    const std::optional<int> right = PaddingBehind(In(op).width, Out(op).width, op.kernel_w,
                                                   op.stride_w, op.padding.left, op.padding.right);
    if (below.has_value() && right.has_value()) return std::array<int, 2>{*below, *right};
    return Refuse("output shape", arch::ShapeText(Out(op)),
                  absl::StrCat("what windows of ", op.kernel_h, "x", op.kernel_w, " make of ",
                               arch::ShapeText(In(op))),
                  "the output's shape does not follow from the input's");
  }

  // Weights and biases as real numbers: what a node reads besides its input.
  absl::StatusOr<std::vector<std::string>> Weighted(const Op& op, const std::vector<int8_t>& values,
                                                    const std::vector<int64_t>& sizes) {
    const engine::QuantisedWeight& weight = network_.weights[op.weight];
    std::vector<float> units;
    for (const float scale : weight.scales) {
      units.push_back(network_.tensors[op.input].scale * scale);
      if (!std::isfinite(units.back())) {
        return Refuse("weight scale", scale, "finite times the input's scale",
                      "the sum has no scale");
      }
    }
    const auto count = static_cast<int64_t>(units.size());
    const std::vector<int64_t> scale_sizes =
        count == 1 ? std::vector<int64_t>() : std::vector<int64_t>{count};
    const std::string levels = builder_.AddInt8(ConstantName("weights"), values, sizes);
    const std::string scales =
        builder_.AddFloats(ConstantName("weight_scales"), weight.scales, scale_sizes);
    const std::vector<int8_t> zeros(units.size(), 0);
    const std::string zero = builder_.AddInt8(ConstantName("weight_zeros"), zeros, scale_sizes);
    const std::string weights = Node("DequantizeLinear", {levels, scales, zero});
    if (count > 1) OnnxBuilder::SetInteger(*last_, "axis", 0);
    const std::string sums = builder_.AddInt32(ConstantName("biases"), weight.biases,
                                               {static_cast<int64_t>(weight.biases.size())});
    const std::string unit = builder_.AddFloats(ConstantName("bias_scales"), units, scale_sizes);
    const std::string biases = Node("DequantizeLinear", {sums, unit});
    if (count > 1) OnnxBuilder::SetInteger(*last_, "axis", 0);
    return std::vector<std::string>{weights, biases};
  }

  absl::Status WriteConvolution(const Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const auto after, PaddingAfter(op));
    const bool depthwise = op.kind == OpKind::kDepthwiseConv2d;
    const int64_t in = In(op).channels;
    const int64_t out = Out(op).channels;
    if (depthwise && out % in != 0) {
      return Refuse("output channels", out, absl::StrCat("multiples of ", in),
                    "every channel has as many filters");
    }
    const std::vector<int8_t>& values = network_.weights[op.weight].values;
    const int64_t taps = op.taps();
    const int64_t depth = depthwise ? 1 : in;
    std::vector<int8_t> moved(values.size());
    for (int64_t o = 0; o < out; ++o) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t c = 0; c < depth; ++c) {
          moved[(o * depth + c) * taps + tap] =
              depthwise ? values[tap * out + o] : values[(o * taps + tap) * in + c];
        }
      }
    }
    const std::string input = Real(op.input);
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> weighted,
                            Weighted(op, moved, {out, depth, op.kernel_h, op.kernel_w}));
    const std::string real = Node("Conv", {input, weighted[0], weighted[1]});
    OnnxBuilder::SetInteger(*last_, "group", depthwise ? in : 1);
    NIWAKI_RETURN_IF_ERROR(SetWindow(op, after[0], after[1]));
    return Finish(op, real);
  }

  // `real`, [1, C] or an image, as the other.
  std::string AsFlat(const std::string& real, TensorId id, bool flat) {
    if (flat == flat_[id]) return real;
    const int64_t channels = graph_.shape(id).channels;
    const std::vector<int64_t> sizes = flat ? std::vector<int64_t>{1, channels} : SizesOf(id);
    return Node("Reshape", {real, builder_.AddIntegers(ConstantName("shape"), sizes)});
  }

  absl::Status WriteLinear(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), {1, 1, Out(op).channels}));
    const std::string input = AsFlat(Real(op.input), op.input, /*flat=*/true);
    NIWAKI_ASSIGN_OR_RETURN(
        const std::vector<std::string> weighted,
        Weighted(op, network_.weights[op.weight].values, {Out(op).channels, In(op).channels}));
    const std::string product = Node("Gemm", {input, weighted[0], weighted[1]});
    OnnxBuilder::SetInteger(*last_, "transB", 1);
    NIWAKI_ASSIGN_OR_RETURN(const std::string real, Activated(op, product));
    if (flat_[op.output]) return Quantise(op.output, real);
    const std::string sizes = builder_.AddIntegers(ConstantName("shape"), SizesOf(op.output));
    return Quantise(op.output, Node("Reshape", {real, sizes}));
  }

  absl::Status WriteBinary(const Op& op, const std::string& op_type) {
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), In(op)));
    const std::string first = Real(op.input);
    const std::string second = Real(op.second_input);
    return Finish(op, Node(op_type, {first, second}));
  }

  absl::Status WritePool(const Op& op, const std::string& op_type) {
    NIWAKI_ASSIGN_OR_RETURN(const auto after, PaddingAfter(op));
    const std::string real = Node(op_type, {Real(op.input)});
    NIWAKI_RETURN_IF_ERROR(SetWindow(op, after[0], after[1]));
    return Finish(op, real);
  }

  absl::Status WritePad(const Op& op) {
    const arch::Padding& pad = op.padding;
    NIWAKI_RETURN_IF_ERROR(CheckPad(op));
    const std::string input = Real(op.input);
    const std::string pads = builder_.AddIntegers(
        ConstantName("pads"), {0, 0, pad.top, pad.left, 0, 0, pad.bottom, pad.right});
    return Quantise(op.output, Node("Pad", {input, pads}));
  }

  absl::Status WriteConcat(const Op& op) {
    TensorShape shape = Out(op);
    shape.channels = 0;
    std::vector<std::string> inputs;
    for (const TensorId id : arch::InputsOf(graph_, op)) {
      inputs.push_back(Real(id));
      shape.channels += graph_.shape(id).channels;
    }
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), shape));
    const std::string real = Node("Concat", inputs);
    OnnxBuilder::SetInteger(*last_, "axis", 1);
    return Quantise(op.output, real);
  }

  // The elements of `from`, of `shape`, in the order of our memory, as those of tensor `to`.
  std::string Reordered(std::string from, const TensorShape& shape, bool flat, TensorId to) {
    const TensorShape& out = graph_.shape(to);
    if (!flat && !LiesAlike(shape)) {
      from = Node("Transpose", {from});
      OnnxBuilder::SetIntegers(*last_, "perm", {0, 2, 3, 1});
    }
    if (flat_[to] || LiesAlike(out)) {
      return Node("Reshape", {from, builder_.AddIntegers(ConstantName("shape"), SizesOf(to))});
    }
    from = Node("Reshape", {from, builder_.AddIntegers(ConstantName("shape"),
                                                       {1, out.height, out.width, out.channels})});
    from = Node("Transpose", {from});
    OnnxBuilder::SetIntegers(*last_, "perm", {0, 3, 1, 2});
    return from;
  }

  absl::Status WriteReshape(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(CheckReshape(op));
    if (network_.tensors[op.input] == network_.tensors[op.output]) {
      const std::string real = Real(op.input);
      return Quantise(op.output, Reordered(real, In(op), flat_[op.input], op.output));
    }
    // The same levels by another scale: they are no real numbers on the way.
    const auto constant = network_.constants.find(op.input);
    if (constant != network_.constants.end()) WriteConstant(op.input, constant->second);
    const std::string levels = Reordered(Name(op.input), In(op), flat_[op.input], op.output);
    return Quantise(op.output, Dequantise(op.output, levels));
  }

  absl::Status WriteTranspose(const Op& op) {
    const auto& order = graph_.extras[op.extra].order;
    NIWAKI_RETURN_IF_ERROR(CheckTranspose(op));
    const std::string real = Node("Transpose", {Real(op.input)});
    OnnxBuilder::SetIntegers(
        *last_, "perm", {0, kAxisOfSide[order[2]], kAxisOfSide[order[0]], kAxisOfSide[order[1]]});
    return Quantise(op.output, real);
  }

  absl::Status WriteSoftmax(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), In(op)));
    const Quantisation& out = network_.tensors[op.output];
    if (out != kUnitLevels) {
      return Refuse("output scale", absl::StrCat(out.scale, ", zero point ", out.zero_point),
                    "1/256, zero point -128", "a softmax gives this scale");
    }
    const std::string real = Node("Softmax", {Real(op.input)});
    OnnxBuilder::SetInteger(*last_, "axis", 1);
    return Quantise(op.output, real);
  }

  absl::Status WriteMean(const Op& op) {
    const auto& axes = graph_.extras[op.extra].axes;
    NIWAKI_ASSIGN_OR_RETURN(const TensorShape kept, KeptByMean(op));
    std::vector<int64_t> numbers;
    for (int i = 0; i < 3; ++i) {
      if (axes[i]) numbers.push_back(kAxisOfSide[i]);
    }
    const std::string mean = Node("ReduceMean", {Real(op.input)});
    OnnxBuilder::SetIntegers(*last_, "axes", numbers);
    OnnxBuilder::SetInteger(*last_, "keepdims", 1);
    const bool same = !flat_[op.output] && arch::ShapeText(kept) == arch::ShapeText(Out(op));
    return Quantise(op.output, same ? mean : Reordered(mean, kept, /*flat=*/false, op.output));
  }

  absl::Status WriteUpsample(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(CheckUpsample(op));
    const std::string input = Real(op.input);
    const std::string scales =
        builder_.AddFloats(ConstantName("scales"),
                           {1.0F, 1.0F, static_cast<float>(Out(op).height / In(op).height),
                            static_cast<float>(Out(op).width / In(op).width)},
                           {4});
    const std::string real = Node("Resize", {input, "", scales});
    OnnxBuilder::SetText(*last_, "coordinate_transformation_mode", "asymmetric");
    OnnxBuilder::SetText(*last_, "mode", "nearest");
    OnnxBuilder::SetText(*last_, "nearest_mode", "floor");
    return Quantise(op.output, real);
  }

  absl::Status WriteActivation(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), In(op)));
    const std::string input = Real(op.input);
    switch (op.activation) {
      case OpActivation::kNone:
      case OpActivation::kRelu:
      case OpActivation::kRelu6:
        return Finish(op, input);
      case OpActivation::kLogistic:
        return Quantise(op.output, Node("Sigmoid", {input}));
      case OpActivation::kHardSwish:
        return Quantise(op.output, Node("Mul", {input, HardSigmoid(input)}));
      case OpActivation::kHardSigmoid:
        return Quantise(op.output, HardSigmoid(input));
    }
    return RefuseActivation(op);
  }

  std::string HardSigmoid(const std::string& input) {
    const std::string gate = Node("HardSigmoid", {input});
    OnnxBuilder::SetFloat(*last_, "alpha", 1.0F / 6);
    OnnxBuilder::SetFloat(*last_, "beta", 0.5F);
    return gate;
  }

  absl::Status WriteQuantize(const Op& op) {
    if (op.input != graph_.input) {
      return Refuse("input", op.input, absl::StrCat(graph_.input),
                    "floats are quantised where the network begins");
    }
    return Quantise(op.output, options_.input_name);
  }

  absl::Status WriteDequantize(const Op& op) {
    if (op.output != graph_.output) {
      return Refuse("output", op.output, absl::StrCat(graph_.output),
                    "levels become floats where the network ends");
    }
    const std::vector<std::string> scales = Scales(op.input);
    builder_.AddNode("DequantizeLinear", {Name(op.input), scales[0], scales[1]},
                     options_.output_name);
    return absl::OkStatus();
  }

  const OnnxOptions& options_;
  OnnxBuilder builder_;
  // By tensor of the graph: the file's real numbers, or empty.
  std::vector<std::string> real_;
  std::vector<bool> has_scales_;
  // Constants that stand in the file.
  std::set<TensorId> written_;
  // The node that Node wrote last.
  onnx::NodeProto* last_ = nullptr;
};

}  // namespace

absl::StatusOr<std::string> WriteOnnx(const QuantisedNetwork& network, const OnnxOptions& options) {
  return Writer(network, options).Write();
}

}  // namespace niwaki::interchange
