#include "libs/interchange/tflite/write_model.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/describe.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/activation_table.h"
#include "libs/interchange/network_writer.h"
#include "libs/interchange/tflite/model_builder.h"
#include "libs/interchange/tflite/operator_names.h"
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

// Offsets of the format have 31 bits; tables and names need a little besides the data.
constexpr int64_t kMaxDataBytes = (int64_t{1} << 31) - (int64_t{64} << 20);

constexpr int kMaxWindow = 65535;

// One axis of a window as the format can say it.
struct AxisFit {
  bool fits = false;
  bool valid = false;
  bool same = false;
  // What a PAD of its own adds.
  int before = 0;
  int after = 0;
};

// Padding after the axis is that of the graph, unless another is needed for `out` windows.
AxisFit FitAxis(int in, int out, int kernel, int stride, int before, int after) {
  const std::optional<int> behind = PaddingBehind(in, out, kernel, stride, before, after);
  const int64_t covered = (int64_t{out} - 1) * stride + kernel;
  AxisFit fit;
  fit.before = before;
  fit.after = behind.value_or(after);
  fit.fits = behind.has_value();
  fit.valid = fit.fits && before == 0 && fit.after == 0;
  const int64_t total = std::max<int64_t>(0, covered - in);
  fit.same = fit.fits && out == (in - 1) / stride + 1 && before == total / 2 &&
             fit.after == total - total / 2;
  return fit;
}

// A window's place: where it reads, and how the format pads there.
struct Place {
  int input = 0;
  schema::Padding padding = schema::Padding_VALID;
};

class Writer : NetworkWriter {
 public:
  Writer(const QuantisedNetwork& network, const WriteOptions& options)
      : NetworkWriter(network),
        options_(options),
        builder_(options.description, options.name),
        ids_(network.graph.tensors.size(), -1) {}

  absl::StatusOr<std::string> Write() {
    NIWAKI_RETURN_IF_ERROR(Begin());
    NewTensor(graph_.input, options_.input_name);
    NIWAKI_RETURN_IF_ERROR(WriteOperators([this](const Op& op) { return WriteOperator(op); },
                                          [this] { return builder_.data_bytes(); }, kMaxDataBytes));
    builder_.subgraph().inputs = {ids_[graph_.input]};
    builder_.subgraph().outputs = {ids_[graph_.output]};
    return builder_.Pack();
  }

 private:
  absl::Status WriteOperator(const Op& op) {
    switch (op.kind) {
      case OpKind::kConv2d:
        return WriteConvolution(op);
      case OpKind::kDepthwiseConv2d:
        return WriteDepthwise(op);
      case OpKind::kLinear:
        return WriteLinear(op);
      case OpKind::kAdd:
        return WriteBinary<schema::AddOptionsT>(op, TfliteOperator::kAdd, 2);
      case OpKind::kMul:
        return WriteBinary<schema::MulOptionsT>(op, TfliteOperator::kMul, MulVersion(op));
      case OpKind::kMaxPool:
        return WritePool(op, TfliteOperator::kMaxPool2d);
      case OpKind::kAvgPool:
      case OpKind::kGlobalAvgPool:
        return WritePool(op, TfliteOperator::kAveragePool2d);
      case OpKind::kPad:
        return WritePad(op);
      case OpKind::kConcat:
        return WriteConcatenation(op);
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
      case OpKind::kQuantize:
        return WriteSimple(op, TfliteOperator::kQuantize, 1, AsUnion(schema::QuantizeOptionsT()));
      case OpKind::kDequantize:
        return WriteSimple(op, TfliteOperator::kDequantize, 2,
                           AsUnion(schema::DequantizeOptionsT()));
    }
    return RefuseKind(op);
  }

  // What belongs to the operator that is written next is named by it.
  std::string Name(TfliteOperator code) const {
    if (index() < static_cast<int>(options_.operator_names.size()) &&
        !options_.operator_names[index()].empty()) {
      return options_.operator_names[index()];
    }
    return absl::StrCat(builder_.operator_count(), "/", TfliteOperatorName(static_cast<int>(code)));
  }

  std::vector<int32_t> SizesOf(TensorId id) const {
    const TensorShape& shape = graph_.shape(id);
    if (flat_[id]) return {1, shape.channels};
    return {1, shape.height, shape.width, shape.channels};
  }

  int NewTensor(TensorId id, const std::string& name) {
    const bool is_float = IsFloat(id);
    const std::string& own =
        id == graph_.output && id != graph_.input ? options_.output_name : name;
    ids_[id] = is_float ? builder_.AddFloat(SizesOf(id), own)
                        : builder_.AddInt8(SizesOf(id), network_.tensors[id], own);
    return ids_[id];
  }

  // The file's tensor that an operator reads; a constant is written where it is first read.
  int Read(TensorId id, const std::string& name) {
    if (ids_[id] < 0) {
      ids_[id] = builder_.AddConstant(SizesOf(id), network_.tensors[id], network_.constants.at(id),
                                      absl::StrCat(name, "/constant"));
    }
    return ids_[id];
  }

  absl::StatusOr<schema::Activation> FusedActivation(const Op& op) const {
    switch (op.activation) {
      case OpActivation::kNone:
        return schema::Activation_NONE;
      case OpActivation::kRelu:
        return schema::Activation_RELU;
      case OpActivation::kRelu6:
        return schema::Activation_RELU6;
      default:
        return Refuse("activation", arch::OpActivationName(op.activation), "none, relu, relu6",
                      "the format fuses no such activation: make it an operator of its own");
    }
  }

  // Where the windows of `op` read. `may_pad`: whether a PAD before it changes nothing.
  absl::StatusOr<Place> PlaceOf(const Op& op, const std::string& name, bool may_pad) {
    const AxisFit rows = FitAxis(In(op).height, Out(op).height, op.kernel_h, op.stride_h,
                                 op.padding.top, op.padding.bottom);
    const AxisFit columns = FitAxis(In(op).width, Out(op).width, op.kernel_w, op.stride_w,
                                    op.padding.left, op.padding.right);
    if (!rows.fits || !columns.fits) {
      return Refuse("output shape", arch::ShapeText(Out(op)),
                    absl::StrCat("what windows of ", op.kernel_h, "x", op.kernel_w, " make of ",
                                 arch::ShapeText(In(op))),
                    "the output's shape does not follow from the input's");
    }
    Place place;
    place.input = Read(op.input, name);
    if (rows.valid && columns.valid) return place;
    if (rows.same && columns.same) {
      place.padding = schema::Padding_SAME;
      return place;
    }
    if (!may_pad) {
      return Refuse("padding", absl::StrCat(rows.before, " above, ", columns.before, " left"),
                    "TensorFlow's SAME and VALID", "the format cannot pad so");
    }
    place.input = AddPad(op.input, {rows.before, rows.after, columns.before, columns.after}, -1);
    return place;
  }

  // A PAD of `input` by above, below, left, right, into `output` or, where that is -1, into a
  // tensor of its own. Returns the file's tensor.
  int AddPad(TensorId input, const std::vector<int>& sides, TensorId output) {
    const std::string name =
        output < 0 ? absl::StrCat(builder_.operator_count(), "/PAD") : Name(TfliteOperator::kPad);
    const int from = Read(input, name);
    const int paddings =
        builder_.AddIntegers({4, 2}, {0, 0, sides[0], sides[1], sides[2], sides[3], 0, 0},
                             absl::StrCat(name, "/paddings"));
    const TensorShape& in = graph_.shape(input);
    const int to = output >= 0 ? NewTensor(output, name)
                               : builder_.AddInt8({1, in.height + sides[0] + sides[1],
                                                   in.width + sides[2] + sides[3], in.channels},
                                                  network_.tensors[input], name);
    builder_.AddOperator(TfliteOperator::kPad, 2, {from, paddings}, to,
                         AsUnion(schema::PadOptionsT()));
    return to;
  }

  // The inputs of an operator with weights: `input` and those.
  std::vector<int> Weighted(const Op& op, int input, const std::vector<int32_t>& sizes,
                            int channel_axis, const std::string& name) {
    const engine::QuantisedWeight& weight = network_.weights[op.weight];
    const int weights =
        builder_.AddWeights(sizes, weight, channel_axis, absl::StrCat(name, "/weights"));
    const int biases =
        builder_.AddBiases(weight, network_.tensors[op.input].scale, absl::StrCat(name, "/biases"));
    return {input, weights, biases};
  }

  absl::Status WriteConvolution(const Op& op) {
    schema::Conv2DOptionsT options;
    NIWAKI_ASSIGN_OR_RETURN(options.activation, FusedActivation(op));
    NIWAKI_ASSIGN_OR_RETURN(const Place place,
                            PlaceOf(op, Name(TfliteOperator::kConv2d), /*may_pad=*/true));
    options.padding = place.padding;
    options.stride_h = op.stride_h;
    options.stride_w = op.stride_w;
    const std::string name = Name(TfliteOperator::kConv2d);
    const std::vector<int> inputs =
        Weighted(op, place.input, {Out(op).channels, op.kernel_h, op.kernel_w, In(op).channels},
                 /*channel_axis=*/0, name);
    builder_.AddOperator(TfliteOperator::kConv2d, 3, inputs, NewTensor(op.output, name),
                         AsUnion(options));
    return absl::OkStatus();
  }

  absl::Status WriteDepthwise(const Op& op) {
    schema::DepthwiseConv2DOptionsT options;
    NIWAKI_ASSIGN_OR_RETURN(options.activation, FusedActivation(op));
    if (Out(op).channels % In(op).channels != 0) {
      return Refuse("output channels", Out(op).channels,
                    absl::StrCat("multiples of ", In(op).channels),
                    "every channel has as many filters");
    }
    NIWAKI_ASSIGN_OR_RETURN(const Place place,
                            PlaceOf(op, Name(TfliteOperator::kDepthwiseConv2d), /*may_pad=*/true));
    options.padding = place.padding;
    options.stride_h = op.stride_h;
    options.stride_w = op.stride_w;
    options.depth_multiplier = Out(op).channels / In(op).channels;
    const std::string name = Name(TfliteOperator::kDepthwiseConv2d);
    const std::vector<int> inputs =
        Weighted(op, place.input, {1, op.kernel_h, op.kernel_w, Out(op).channels},
                 /*channel_axis=*/3, name);
    builder_.AddOperator(TfliteOperator::kDepthwiseConv2d, 3, inputs, NewTensor(op.output, name),
                         AsUnion(options));
    return absl::OkStatus();
  }

  absl::Status WriteLinear(const Op& op) {
    schema::FullyConnectedOptionsT options;
    NIWAKI_ASSIGN_OR_RETURN(options.activation, FusedActivation(op));
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), {1, 1, Out(op).channels}));
    if (In(op).height != 1 || In(op).width != 1) {
      return Refuse("input shape", arch::ShapeText(In(op)), "1x1xC",
                    "a linear layer reads one pixel");
    }
    options.keep_num_dims = !flat_[op.output];
    const std::string name = Name(TfliteOperator::kFullyConnected);
    const std::vector<int> inputs =
        Weighted(op, Read(op.input, name), {Out(op).channels, In(op).channels},
                 /*channel_axis=*/0, name);
    builder_.AddOperator(TfliteOperator::kFullyConnected, options.keep_num_dims ? 5 : 4, inputs,
                         NewTensor(op.output, name), AsUnion(options));
    return absl::OkStatus();
  }

  // Products at a scale beyond the output's need a later version.
  int MulVersion(const Op& op) const {
    const auto scale = [this](TensorId id) { return network_.tensors[id].scale; };
    return scale(op.input) * scale(op.second_input) / scale(op.output) >= 1 ? 3 : 2;
  }

  template <typename Options>
  absl::Status WriteBinary(const Op& op, TfliteOperator code, int version) {
    Options options;
    NIWAKI_ASSIGN_OR_RETURN(options.activation, FusedActivation(op));
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), In(op)));
    const std::string name = Name(code);
    const int first = Read(op.input, name);
    const int second = Read(op.second_input, name);
    builder_.AddOperator(code, version, {first, second}, NewTensor(op.output, name),
                         AsUnion(options));
    return absl::OkStatus();
  }

  absl::Status WritePool(const Op& op, TfliteOperator code) {
    Op pool = op;
    if (op.kind == OpKind::kGlobalAvgPool) {
      if (In(op).height > kMaxWindow || In(op).width > kMaxWindow) {
        return Refuse("input shape", arch::ShapeText(In(op)),
                      absl::StrCat("sides up to ", kMaxWindow), "a window has 16 bits a side");
      }
      pool.kernel_h = pool.stride_h = static_cast<uint16_t>(In(op).height);
      pool.kernel_w = pool.stride_w = static_cast<uint16_t>(In(op).width);
      pool.padding = {};
    }
    schema::Pool2DOptionsT options;
    NIWAKI_ASSIGN_OR_RETURN(options.activation, FusedActivation(pool));
    // A zero point that is the least level is never the largest of a window.
    const bool may_pad =
        op.kind == OpKind::kMaxPool && network_.tensors[op.input].zero_point == -128;
    NIWAKI_ASSIGN_OR_RETURN(const Place place, PlaceOf(pool, Name(code), may_pad));
    options.padding = place.padding;
    options.filter_h = pool.kernel_h;
    options.filter_w = pool.kernel_w;
    options.stride_h = pool.stride_h;
    options.stride_w = pool.stride_w;
    const std::string name = Name(code);
    builder_.AddOperator(code, 2, {place.input}, NewTensor(op.output, name), AsUnion(options));
    return absl::OkStatus();
  }

  absl::Status WritePad(const Op& op) {
    const arch::Padding& pad = op.padding;
    NIWAKI_RETURN_IF_ERROR(CheckPad(op));
    AddPad(op.input, {pad.top, pad.bottom, pad.left, pad.right}, op.output);
    return absl::OkStatus();
  }

  absl::Status WriteConcatenation(const Op& op) {
    const std::string name = Name(TfliteOperator::kConcatenation);
    std::vector<int> inputs;
    TensorShape shape = Out(op);
    shape.channels = 0;
    for (const TensorId id : arch::InputsOf(graph_, op)) {
      inputs.push_back(Read(id, name));
      shape.channels += graph_.shape(id).channels;
    }
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), shape));
    schema::ConcatenationOptionsT options;
    options.axis = 3;
    builder_.AddOperator(TfliteOperator::kConcatenation, 2, inputs, NewTensor(op.output, name),
                         AsUnion(options));
    return absl::OkStatus();
  }

  // Into `output`, from a tensor of the file.
  void AddReshape(int from, TensorId output) {
    const std::string name = Name(TfliteOperator::kReshape);
    schema::ReshapeOptionsT options;
    options.new_shape = SizesOf(output);
    const int shape = builder_.AddIntegers({static_cast<int32_t>(options.new_shape.size())},
                                           options.new_shape, absl::StrCat(name, "/shape"));
    builder_.AddOperator(TfliteOperator::kReshape, 1, {from, shape}, NewTensor(output, name),
                         AsUnion(options));
  }

  absl::Status WriteReshape(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(CheckReshape(op));
    AddReshape(Read(op.input, Name(TfliteOperator::kReshape)), op.output);
    return absl::OkStatus();
  }

  absl::Status WriteTranspose(const Op& op) {
    const auto& order = graph_.extras[op.extra].order;
    NIWAKI_RETURN_IF_ERROR(CheckTranspose(op));
    const std::string name = Name(TfliteOperator::kTranspose);
    const int from = Read(op.input, name);
    const int orders = builder_.AddIntegers({4}, {0, order[0] + 1, order[1] + 1, order[2] + 1},
                                            absl::StrCat(name, "/order"));
    builder_.AddOperator(TfliteOperator::kTranspose, 2, {from, orders}, NewTensor(op.output, name),
                         AsUnion(schema::TransposeOptionsT()));
    return absl::OkStatus();
  }

  // The format has operators of this kind with this scale alone.
  absl::Status ExpectUnitScale(const Op& op) const {
    const Quantisation& out = network_.tensors[op.output];
    if (out == Quantisation{1.0F / 256, -128}) return absl::OkStatus();
    return Refuse("output scale", absl::StrCat(out.scale, ", zero point ", out.zero_point),
                  "1/256, zero point -128", "the format has one scale for it");
  }

  absl::Status WriteSoftmax(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(ExpectUnitScale(op));
    schema::SoftmaxOptionsT options;
    options.beta = 1;
    return WriteSimple(op, TfliteOperator::kSoftmax, 2, AsUnion(options));
  }

  absl::Status WriteMean(const Op& op) {
    const auto& axes = graph_.extras[op.extra].axes;
    const std::string name = Name(TfliteOperator::kMean);
    NIWAKI_ASSIGN_OR_RETURN(const TensorShape kept, KeptByMean(op));
    std::vector<int32_t> numbers;
    for (int i = 0; i < 3; ++i) {
      if (axes[i]) numbers.push_back(i + 1);
    }
    const int from = Read(op.input, name);
    const int axis_list = builder_.AddIntegers({static_cast<int32_t>(numbers.size())}, numbers,
                                               absl::StrCat(name, "/axes"));
    schema::ReducerOptionsT options;
    const bool same = arch::ShapeText(kept) == arch::ShapeText(Out(op));
    options.keep_dims = !same || !flat_[op.output];
    const int to = same ? NewTensor(op.output, name)
                        : builder_.AddInt8({1, kept.height, kept.width, kept.channels},
                                           network_.tensors[op.output], name);
    builder_.AddOperator(TfliteOperator::kMean, 2, {from, axis_list}, to, AsUnion(options));
    if (!same) AddReshape(to, op.output);
    return absl::OkStatus();
  }

  absl::Status WriteUpsample(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(CheckUpsample(op));
    const std::string name = Name(TfliteOperator::kResizeNearestNeighbor);
    const int from = Read(op.input, name);
    const int size =
        builder_.AddIntegers({2}, {Out(op).height, Out(op).width}, absl::StrCat(name, "/size"));
    builder_.AddOperator(TfliteOperator::kResizeNearestNeighbor, 2, {from, size},
                         NewTensor(op.output, name),
                         AsUnion(schema::ResizeNearestNeighborOptionsT()));
    return absl::OkStatus();
  }

  absl::Status WriteActivation(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), In(op)));
    switch (op.activation) {
      case OpActivation::kNone:
        return WriteSimple(op, TfliteOperator::kQuantize, 1, AsUnion(schema::QuantizeOptionsT()));
      case OpActivation::kRelu:
        return WriteSimple(op, TfliteOperator::kRelu, 2, {});
      case OpActivation::kRelu6:
        return WriteSimple(op, TfliteOperator::kRelu6, 2, {});
      case OpActivation::kHardSwish:
        return WriteSimple(op, TfliteOperator::kHardSwish, 1, AsUnion(schema::HardSwishOptionsT()));
      case OpActivation::kHardSigmoid:
        return WriteHardSigmoid(op);
      case OpActivation::kLogistic:
        NIWAKI_RETURN_IF_ERROR(ExpectUnitScale(op));
        return WriteSimple(op, TfliteOperator::kLogistic, 2, {});
    }
    return RefuseActivation(op);
  }

  absl::Status WriteHardSigmoid(const Op& op) {
    NIWAKI_RETURN_IF_ERROR(ExpectUnitScale(op));
    const Quantisation& in = network_.tensors[op.input];
    const Quantisation& out = network_.tensors[op.output];
    if (engine::ActivationTable(OpActivation::kHardSigmoid, in, out) !=
        engine::HardSigmoidFilterTable(in, out)) {
      return Refuse("input scale", in.scale, "scales at which saturation is the clamp",
                    "hard-sigmoid is no depthwise convolution here");
    }
    const engine::HardSigmoidFilter filter = engine::HardSigmoidFilterFor(in);
    engine::QuantisedWeight weight;
    weight.values.assign(In(op).channels, filter.weight);
    weight.scales = {filter.scale};
    weight.biases.assign(In(op).channels, filter.bias);
    const std::string name = Name(TfliteOperator::kDepthwiseConv2d);
    const int from = Read(op.input, name);
    const int weights =
        builder_.AddWeights({1, 1, 1, In(op).channels}, weight, 3, absl::StrCat(name, "/weights"));
    const int biases = builder_.AddBiases(weight, in.scale, absl::StrCat(name, "/biases"));
    schema::DepthwiseConv2DOptionsT options;
    options.padding = schema::Padding_VALID;
    options.stride_h = options.stride_w = options.depth_multiplier = 1;
    builder_.AddOperator(TfliteOperator::kDepthwiseConv2d, 3, {from, weights, biases},
                         NewTensor(op.output, name), AsUnion(options));
    return absl::OkStatus();
  }

  // One input, and an output of its shape.
  absl::Status WriteSimple(const Op& op, TfliteOperator code, int version,
                           schema::BuiltinOptionsUnion options) {
    NIWAKI_RETURN_IF_ERROR(ExpectShape(Out(op), In(op)));
    const std::string name = Name(code);
    const int from = Read(op.input, name);
    builder_.AddOperator(code, version, {from}, NewTensor(op.output, name), std::move(options));
    return absl::OkStatus();
  }

  const WriteOptions& options_;
  ModelBuilder builder_;
  // By tensor of the graph: that of the file, or -1.
  std::vector<int> ids_;
};

}  // namespace

absl::StatusOr<std::string> WriteModel(const QuantisedNetwork& network,
                                       const WriteOptions& options) {
  return Writer(network, options).Write();
}

}  // namespace niwaki::interchange
