#include "libs/interchange/tflite/read_model.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "flatbuffers/flatbuffers.h"
#include "libs/arch/describe.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/activation_table.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/level_limits.h"
#include "libs/interchange/tflite/model_generated.h"
#include "libs/interchange/tflite/model_reader.h"
#include "libs/interchange/tflite/operator_names.h"

namespace niwaki::interchange {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;
using engine::Quantisation;
using engine::QuantisedNetwork;
using engine::QuantisedWeight;

constexpr uint32_t kVersion = 3;

absl::Status Malformed(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Message(message);
}

// Old files have small numbers in one field, new ones all in another.
int CodeOf(const schema::OperatorCode& code) {
  return std::max<int>(code.deprecated_builtin_code(), code.builtin_code());
}

class Reader : public ModelReader {
 public:
  Reader(const schema::Model& model, const schema::SubGraph& subgraph)
      : ModelReader(model, subgraph) {}

  absl::StatusOr<QuantisedNetwork> Read() {
    NIWAKI_ASSIGN_OR_RETURN(const int input, OnlyOne("input", subgraph_.inputs()));
    NIWAKI_ASSIGN_OR_RETURN(const int output, OnlyOne("output", subgraph_.outputs()));
    NIWAKI_ASSIGN_OR_RETURN(graph().input, NewTensor("input", input));
    const auto* operators = subgraph_.operators();
    for (uint32_t i = 0; i < operators->size(); ++i) {
      index_ = static_cast<int>(i);
      operator_ = operators->Get(i);
      NIWAKI_RETURN_IF_ERROR(ReadOperator());
    }
    operator_ = nullptr;
    if (ids_[output] < 0) return Malformed("no operator writes the network's output");
    graph().output = ids_[output];
    NIWAKI_RETURN_IF_ERROR(engine::Validate(network_));
    return std::move(network_);
  }

 private:
  absl::Status ReadOperator() {
    const auto* codes = model_.operator_codes();
    const uint32_t size = codes == nullptr ? 0 : codes->size();
    code_ = -1;
    if (operator_->opcode_index() >= size) {
      return Wrong("opcode index", operator_->opcode_index(), absl::StrCat("below ", size),
                   "the file has no such code");
    }
    const schema::OperatorCode& code = *codes->Get(operator_->opcode_index());
    code_ = CodeOf(code);
    Op op;
    NIWAKI_RETURN_IF_ERROR(ReadInto(op));
    if (op.kind == OpKind::kConcat) op.input = -1;
    graph().ops.push_back(op);
    return absl::OkStatus();
  }

  absl::Status ReadInto(Op& op) {
    switch (static_cast<TfliteOperator>(code_)) {
      case TfliteOperator::kConv2d:
        return ReadConvolution(op);
      case TfliteOperator::kDepthwiseConv2d:
        return ReadDepthwise(op);
      case TfliteOperator::kFullyConnected:
        return ReadFullyConnected(op);
      case TfliteOperator::kAdd:
        return ReadBinary<schema::AddOptions>(op, OpKind::kAdd);
      case TfliteOperator::kMul:
        return ReadBinary<schema::MulOptions>(op, OpKind::kMul);
      case TfliteOperator::kAveragePool2d:
        return ReadPool(op, OpKind::kAvgPool);
      case TfliteOperator::kMaxPool2d:
        return ReadPool(op, OpKind::kMaxPool);
      case TfliteOperator::kMean:
        return ReadMean(op);
      case TfliteOperator::kPad:
        return ReadPad(op);
      case TfliteOperator::kConcatenation:
        return ReadConcatenation(op);
      case TfliteOperator::kReshape:
        return ReadReshape(op);
      case TfliteOperator::kTranspose:
        return ReadTranspose(op);
      case TfliteOperator::kSoftmax:
        return ReadSoftmax(op);
      case TfliteOperator::kResizeNearestNeighbor:
        return ReadResize(op);
      case TfliteOperator::kRelu:
        return ReadActivation(op, OpActivation::kRelu);
      case TfliteOperator::kRelu6:
        return ReadActivation(op, OpActivation::kRelu6);
      case TfliteOperator::kLogistic:
        return ReadActivation(op, OpActivation::kLogistic);
      case TfliteOperator::kHardSwish:
        return ReadActivation(op, OpActivation::kHardSwish);
      case TfliteOperator::kQuantize:
        return ReadQuantize(op);
      case TfliteOperator::kDequantize:
        return ReadDequantize(op);
    }
    return Wrong("operator", TfliteOperatorName(code_),
                 "the operators that libs/interchange/tflite/read_model.h lists",
                 "the operator is not read");
  }

  absl::Status Connect(Op& op, OpKind kind) {
    op.kind = kind;
    NIWAKI_ASSIGN_OR_RETURN(op.input, Input(0));
    NIWAKI_ASSIGN_OR_RETURN(op.output, Output());
    return absl::OkStatus();
  }

  absl::Status ConnectSameShape(Op& op, OpKind kind) {
    NIWAKI_RETURN_IF_ERROR(Connect(op, kind));
    return ExpectShape(op.output, graph().shape(op.input));
  }

  absl::StatusOr<std::vector<int64_t>> WeightAxes() const {
    NIWAKI_ASSIGN_OR_RETURN(const int index, FileTensor(1));
    std::vector<int64_t> axes = AxesOf(tensor(index));
    if (axes.size() != 4)
      return Wrong("weights axes", axes.size(), "4", "the weights have another shape");
    return axes;
  }

  absl::Status ReadConvolution(Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const schema::Conv2DOptions* options,
                            OptionsOf<schema::Conv2DOptions>());
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kConv2d));
    NIWAKI_RETURN_IF_ERROR(RefuseDilation(options->dilation_h(), options->dilation_w()));
    NIWAKI_ASSIGN_OR_RETURN(op.activation, ActivationOf(options->activation()));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> axes, WeightAxes());
    NIWAKI_RETURN_IF_ERROR(SetWindow(op, axes[1], axes[2], options->stride_h(), options->stride_w(),
                                     options->padding()));
    return ReadWeights(
        op, {graph().shape(op.output).channels, axes[1], axes[2], graph().shape(op.input).channels},
        0);
  }

  absl::Status ReadDepthwise(Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const schema::DepthwiseConv2DOptions* options,
                            OptionsOf<schema::DepthwiseConv2DOptions>());
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kDepthwiseConv2d));
    NIWAKI_RETURN_IF_ERROR(RefuseDilation(options->dilation_h(), options->dilation_w()));
    NIWAKI_ASSIGN_OR_RETURN(op.activation, ActivationOf(options->activation()));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> axes, WeightAxes());
    NIWAKI_RETURN_IF_ERROR(SetWindow(op, axes[1], axes[2], options->stride_h(), options->stride_w(),
                                     options->padding()));
    const int64_t in = graph().shape(op.input).channels;
    const int64_t out = graph().shape(op.output).channels;
    if (out % in != 0) {
      return Wrong("output channels", out, absl::StrCat("a multiple of ", in),
                   "every channel has as many filters");
    }
    NIWAKI_RETURN_IF_ERROR(ReadWeights(op, {1, axes[1], axes[2], out}, 3));
    if (IsHardSigmoid(op)) BecomeHardSigmoid(op);
    return absl::OkStatus();
  }

  // Whether `op` is what a hard-sigmoid is written as (write_model.h).
  bool IsHardSigmoid(const Op& op) const {
    const Quantisation& in = network_.tensors[op.input];
    const Quantisation& out = network_.tensors[op.output];
    const TensorShape& from = network_.graph.shape(op.input);
    const TensorShape& to = network_.graph.shape(op.output);
    if (!op.is_pointwise() || op.stride_h != 1 || op.stride_w != 1 ||
        from.channels != to.channels || op.activation != OpActivation::kNone ||
        out != Quantisation{1.0F / 256, -128}) {
      return false;
    }
    const engine::HardSigmoidFilter filter = engine::HardSigmoidFilterFor(in);
    const QuantisedWeight& weight = network_.weights[op.weight];
    const auto all = [](const auto& values, auto wanted) {
      return std::all_of(values.begin(), values.end(), [&](auto v) { return v == wanted; });
    };
    return weight.scales.size() == 1 && all(weight.scales, filter.scale) &&
           all(weight.values, filter.weight) && all(weight.biases, filter.bias) &&
           engine::ActivationTable(OpActivation::kHardSigmoid, in, out) ==
               engine::HardSigmoidFilterTable(in, out);
  }

  // `op` is the last that has weights.
  void BecomeHardSigmoid(Op& op) {
    network_.weights.pop_back();
    graph().weights.pop_back();
    op.kind = OpKind::kActivation;
    op.activation = OpActivation::kHardSigmoid;
    op.weight = -1;
    op.bias = false;
  }

  absl::Status ReadFullyConnected(Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const schema::FullyConnectedOptions* options,
                            OptionsOf<schema::FullyConnectedOptions>());
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kLinear));
    if (options->weights_format() != 0) {
      return Wrong("weights format", static_cast<int>(options->weights_format()), "0",
                   "shuffled weights are not read");
    }
    NIWAKI_ASSIGN_OR_RETURN(op.activation, ActivationOf(options->activation()));
    const TensorShape& in = graph().shape(op.input);
    if (in.height != 1 || in.width != 1) {
      return Wrong("input shape", arch::ShapeText(in), "[1, n]",
                   "a fully connected layer reads one row");
    }
    const int channels = graph().shape(op.output).channels;
    NIWAKI_RETURN_IF_ERROR(ExpectShape(op.output, {1, 1, channels}));
    return ReadWeights(op, {channels, in.channels}, 0);
  }

  template <typename Options>
  absl::Status ReadBinary(Op& op, OpKind kind) {
    NIWAKI_ASSIGN_OR_RETURN(const Options* options, OptionsOf<Options>());
    op.kind = kind;
    NIWAKI_ASSIGN_OR_RETURN(op.input, Input(0));
    NIWAKI_ASSIGN_OR_RETURN(op.second_input, Input(1));
    NIWAKI_ASSIGN_OR_RETURN(op.output, Output());
    NIWAKI_ASSIGN_OR_RETURN(op.activation, ActivationOf(options->activation()));
    // The larger operand first: both operators are symmetric.
    if (graph().shape(op.input).elements() < graph().shape(op.second_input).elements()) {
      std::swap(op.input, op.second_input);
    }
    NIWAKI_RETURN_IF_ERROR(ExpectShape(op.output, graph().shape(op.input)));
    const TensorShape& first = graph().shape(op.input);
    const TensorShape& second = graph().shape(op.second_input);
    const bool same = first.height == second.height && first.width == second.width;
    const bool pixel = second.height == 1 && second.width == 1;
    if ((!same && !pixel) || (second.channels != first.channels && second.elements() != 1)) {
      return Wrong("second shape", arch::ShapeText(second),
                   absl::StrCat(arch::ShapeText(first), " or 1x1x", first.channels),
                   "the operands do not fit");
    }
    return absl::OkStatus();
  }

  absl::Status ReadPool(Op& op, OpKind kind) {
    NIWAKI_ASSIGN_OR_RETURN(const schema::Pool2DOptions* options,
                            OptionsOf<schema::Pool2DOptions>());
    NIWAKI_RETURN_IF_ERROR(Connect(op, kind));
    NIWAKI_ASSIGN_OR_RETURN(op.activation, ActivationOf(options->activation()));
    NIWAKI_RETURN_IF_ERROR(SetWindow(op, options->filter_h(), options->filter_w(),
                                     options->stride_h(), options->stride_w(), options->padding()));
    const TensorShape& in = graph().shape(op.input);
    const TensorShape& out = graph().shape(op.output);
    if (kind == OpKind::kAvgPool && op.kernel_h == in.height && op.kernel_w == in.width &&
        out.height == 1 && out.width == 1 && op.padding == arch::Padding()) {
      // The window is the image.
      op.kind = OpKind::kGlobalAvgPool;
      op.kernel_h = op.kernel_w = op.stride_h = op.stride_w = 1;
    }
    return ExpectShape(op.output, {out.height, out.width, in.channels});
  }

  // Where axis `axis` of a tensor with `axes` axes is: 0 height, 1 width, 2 channels; nullopt for
  // the batch or none.
  static std::optional<int> SideOf(int axis, int axes) {
    if (axis < 0) axis += axes;
    if (axis < (axes >= 2 ? 1 : 0) || axis >= axes) return std::nullopt;
    return axis + 3 - axes;
  }

  int AxesOfInput() const {
    return static_cast<int>(AxesOf(tensor(operator_->inputs()->Get(0))).size());
  }

  absl::Status ReadMean(Op& op) {
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kMean));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<int32_t> axes, Integers(1));
    arch::OpExtra extra;
    for (const int32_t axis : axes) {
      const std::optional<int> side = SideOf(axis, AxesOfInput());
      if (!side.has_value())
        return Wrong("axis", axis, "an axis behind the batch", "the mean goes over no such axis");
      extra.axes[*side] = true;
    }
    const TensorShape& in = graph().shape(op.input);
    if (extra.axes[0] && extra.axes[2] && !extra.axes[1] && in.width > 1) {
      return Wrong("axes", "height and channels", "axes side by side",
                   "the mean goes over axes that are apart");
    }
    int64_t left = 1;
    const int sides[3] = {in.height, in.width, in.channels};
    for (int i = 0; i < 3; ++i) left *= extra.axes[i] ? 1 : sides[i];
    if (graph().shape(op.output).elements() != left) {
      return Wrong("output elements", graph().shape(op.output).elements(), absl::StrCat(left),
                   "the output's shape does not follow from the input's");
    }
    return AddExtra(op, extra);
  }

  absl::Status AddExtra(Op& op, const arch::OpExtra& extra) {
    op.extra = static_cast<int32_t>(graph().extras.size());
    graph().extras.push_back(extra);
    return absl::OkStatus();
  }

  absl::Status ReadPad(Op& op) {
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kPad));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<int32_t> pads, Integers(1));
    const int axes = AxesOfInput();
    if (static_cast<int>(pads.size()) != 2 * axes) {
      return Wrong("paddings", pads.size(), absl::StrCat(2 * axes), "every axis has two paddings");
    }
    std::array<int32_t, 6> sides = {};
    for (int i = 0; i < 2 * axes; ++i) {
      const std::optional<int> side = SideOf(i / 2, axes);
      const bool padded_side = side.has_value() && *side != 2;
      if (pads[i] < 0 || pads[i] > kMaxPadding || (pads[i] > 0 && !padded_side)) {
        return Wrong("padding", pads[i],
                     absl::StrCat("0 to ", kMaxPadding, ", of height and width"),
                     "the padding is not read");
      }
      if (side.has_value()) sides[*side * 2 + i % 2] = pads[i];
    }
    op.padding = {static_cast<uint8_t>(sides[0]), static_cast<uint8_t>(sides[1]),
                  static_cast<uint8_t>(sides[2]), static_cast<uint8_t>(sides[3])};
    const TensorShape& in = graph().shape(op.input);
    return ExpectShape(
        op.output, {in.height + op.padding.height(), in.width + op.padding.width(), in.channels});
  }

  absl::Status ReadConcatenation(Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const schema::ConcatenationOptions* options,
                            OptionsOf<schema::ConcatenationOptions>());
    if (options->activation() != schema::Activation_NONE) {
      return Wrong("activation", static_cast<int>(options->activation()), "NONE",
                   "a concatenation computes nothing");
    }
    op.kind = OpKind::kConcat;
    arch::OpExtra extra;
    for (int i = 0; i < InputCount(); ++i) {
      NIWAKI_ASSIGN_OR_RETURN(const TensorId id, Input(i));
      extra.inputs.push_back(id);
    }
    NIWAKI_ASSIGN_OR_RETURN(op.output, Output());
    if (InputCount() == 0 || SideOf(options->axis(), AxesOfInput()) != 2) {
      return Wrong("axis", options->axis(), "the last", "tensors are joined by channels alone");
    }
    TensorShape shape = graph().shape(extra.inputs[0]);
    for (size_t i = 1; i < extra.inputs.size(); ++i) {
      const TensorShape& part = graph().shape(extra.inputs[i]);
      if (part.height != shape.height || part.width != shape.width) {
        return Wrong(absl::StrCat("input ", i), absl::StrCat(part.height, "x", part.width),
                     absl::StrCat(shape.height, "x", shape.width), "the parts do not fit");
      }
      shape.channels += part.channels;
    }
    NIWAKI_RETURN_IF_ERROR(ExpectShape(op.output, shape));
    return AddExtra(op, extra);
  }

  absl::Status ReadReshape(Op& op) {
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kReshape));
    if (graph().shape(op.input).elements() != graph().shape(op.output).elements()) {
      return Wrong("output elements", graph().shape(op.output).elements(),
                   absl::StrCat(graph().shape(op.input).elements()),
                   "a reshape keeps every element");
    }
    return absl::OkStatus();
  }

  absl::Status ReadTranspose(Op& op) {
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kTranspose));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<int32_t> order, Integers(1));
    const int axes = AxesOfInput();
    const int batch = axes >= 2 ? 1 : 0;
    arch::OpExtra extra;
    std::array<bool, 3> seen = {};
    for (int i = 0; i < static_cast<int>(order.size()); ++i) {
      const std::optional<int> from = SideOf(order[i], axes);
      if (i < batch && !from.has_value() && order[i] == 0) continue;
      if (i < batch || !from.has_value() || static_cast<int>(order.size()) != axes || seen[*from]) {
        return Wrong("order", absl::StrCat("[", absl::StrJoin(order, ","), "]"),
                     "the batch first, every axis once", "the transpose is not read");
      }
      seen[*from] = true;
      extra.order[*SideOf(i, axes)] = static_cast<int8_t>(*from);
    }
    const TensorShape& in = graph().shape(op.input);
    const int sides[3] = {in.height, in.width, in.channels};
    NIWAKI_RETURN_IF_ERROR(ExpectShape(
        op.output, {sides[extra.order[0]], sides[extra.order[1]], sides[extra.order[2]]}));
    return AddExtra(op, extra);
  }

  absl::Status ReadSoftmax(Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const schema::SoftmaxOptions* options,
                            OptionsOf<schema::SoftmaxOptions>());
    NIWAKI_RETURN_IF_ERROR(ConnectSameShape(op, OpKind::kSoftmax));
    if (options->beta() != 1) return Wrong("beta", options->beta(), "1", "the softmax is not read");
    const int channels = graph().shape(op.output).channels;
    if (channels > kMaxSoftmaxChannels) {
      return Wrong("channels", channels, absl::StrCat("up to ", kMaxSoftmaxChannels),
                   "the sum of a softmax has 12 bits before its point");
    }
    return ExpectUnitScale(op, "a softmax");
  }

  absl::Status ReadResize(Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const schema::ResizeNearestNeighborOptions* options,
                            OptionsOf<schema::ResizeNearestNeighborOptions>());
    NIWAKI_RETURN_IF_ERROR(Connect(op, OpKind::kUpsample));
    if (options->align_corners()) {
      return Wrong("align_corners", "true", "false", "the resize is not read");
    }
    const TensorShape& in = graph().shape(op.input);
    const TensorShape& out = graph().shape(op.output);
    if (out.height % in.height != 0 || out.width % in.width != 0 || out.channels != in.channels) {
      return Wrong("output shape", arch::ShapeText(out),
                   absl::StrCat("whole multiples of ", in.height, "x", in.width),
                   "the resize is not read");
    }
    return absl::OkStatus();
  }

  absl::Status ReadActivation(Op& op, OpActivation activation) {
    op.activation = activation;
    NIWAKI_RETURN_IF_ERROR(ConnectSameShape(op, OpKind::kActivation));
    return activation == OpActivation::kLogistic ? ExpectUnitScale(op, "a logistic")
                                                 : absl::OkStatus();
  }

  absl::Status ExpectUnitScale(const Op& op, absl::string_view what) const {
    const Quantisation& out = network_.tensors[op.output];
    if (out == Quantisation{1.0F / 256, -128}) return absl::OkStatus();
    return Wrong("output scale", out.scale, "1/256, zero point -128",
                 absl::StrCat(what, " has this scale"));
  }

  absl::Status ReadQuantize(Op& op) {
    NIWAKI_ASSIGN_OR_RETURN(const int index, FileTensor(0));
    const bool from_float = tensor(index).type() == schema::TensorType_FLOAT32;
    op.kind = from_float ? OpKind::kQuantize : OpKind::kRescale;
    NIWAKI_ASSIGN_OR_RETURN(op.input, Input(0, from_float));
    NIWAKI_ASSIGN_OR_RETURN(op.output, Output());
    const bool again = std::any_of(graph().ops.begin(), graph().ops.end(),
                                   [](const Op& other) { return other.kind == OpKind::kQuantize; });
    if (from_float && (op.input != graph().input || again)) {
      return Wrong("input 0", index, "the network's input, once",
                   "floats are quantised where the network begins");
    }
    return ExpectShape(op.output, graph().shape(op.input));
  }

  absl::Status ReadDequantize(Op& op) {
    op.kind = OpKind::kDequantize;
    NIWAKI_ASSIGN_OR_RETURN(op.input, Input(0));
    NIWAKI_ASSIGN_OR_RETURN(op.output, Output(/*is_float=*/true));
    if (operator_->outputs()->Get(0) != subgraph_.outputs()->Get(0)) {
      return Wrong("output", operator_->outputs()->Get(0), "the network's output",
                   "levels become floats where the network ends");
    }
    return ExpectShape(op.output, graph().shape(op.input));
  }
};

// Lists that a verified file may still lack, or hold null entries of.
absl::Status CheckLists(const schema::Model& model) {
  const auto* subgraphs = model.subgraphs();
  const uint32_t size = subgraphs == nullptr ? 0 : subgraphs->size();
  if (size != 1) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("subgraphs")
        .Value(size)
        .Limit("1")
        .Message(absl::StrCat("the file has ", size, " subgraphs; networks of one are read"));
  }
  const schema::SubGraph& subgraph = *subgraphs->Get(0);
  if (subgraph.tensors() == nullptr || subgraph.operators() == nullptr ||
      subgraph.operators()->size() == 0) {
    return Malformed("the file has no operators");
  }
  return absl::OkStatus();
}

// A verified file, wherever its bytes lie.
class ModelFile {
 public:
  absl::Status Open(absl::string_view file) {
    const uint8_t* bytes = reinterpret_cast<const uint8_t*>(file.data());
    if (file.size() < 8 || !schema::ModelBufferHasIdentifier(bytes)) {
      return Malformed("this is no TensorFlow Lite file: its bytes 4 to 7 are not TFL3");
    }
    // Vectors are aligned to where the file starts; views from anywhere are not.
    if (reinterpret_cast<uintptr_t>(bytes) % 16 != 0) {
      aligned_.resize(file.size() / 8 + 3);
      uint8_t* const start = reinterpret_cast<uint8_t*>(aligned_.data()) +
                             (reinterpret_cast<uintptr_t>(aligned_.data()) % 16 == 0 ? 0 : 8);
      std::memcpy(start, file.data(), file.size());
      bytes = start;
    }
    flatbuffers::Verifier verifier(bytes, file.size());
    if (!schema::VerifyModelBuffer(verifier)) {
      return Malformed(
          "the TensorFlow Lite file is damaged: an offset points out of it, or it is cut off");
    }
    model_ = schema::GetModel(bytes);
    if (model_->version() != kVersion) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
          .Field("version")
          .Value(model_->version())
          .Limit(absl::StrCat(kVersion))
          .Message(absl::StrCat("the file's version is ", model_->version(), "; version ", kVersion,
                                " is read"));
    }
    return CheckLists(*model_);
  }

  // Of a file that Open has read.
  const schema::Model& model() const { return *model_; }
  const schema::SubGraph& subgraph() const { return *model_->subgraphs()->Get(0); }

 private:
  std::vector<uint64_t> aligned_;
  const schema::Model* model_ = nullptr;
};

}  // namespace

std::vector<UnreadOperator> UnreadTfliteOperators(absl::string_view file) {
  std::vector<UnreadOperator> unread;
  ModelFile opened;
  if (!opened.Open(file).ok()) return unread;
  const auto* codes = opened.model().operator_codes();
  const auto& operators = *opened.subgraph().operators();
  for (uint32_t i = 0; i < operators.size(); ++i) {
    const uint32_t index = operators.Get(i)->opcode_index();
    if (codes == nullptr || index >= codes->size()) continue;
    const int code = CodeOf(*codes->Get(index));
    if (!IsTfliteOperator(code)) {
      unread.push_back({static_cast<int>(i), TfliteOperatorName(code)});
    }
  }
  return unread;
}

absl::StatusOr<QuantisedNetwork> ReadTflite(absl::string_view file) {
  ModelFile opened;
  NIWAKI_RETURN_IF_ERROR(opened.Open(file));
  return Reader(opened.model(), opened.subgraph()).Read();
}

}  // namespace niwaki::interchange
