#include "libs/interchange/onnx/layer_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/level_limits.h"
#include "libs/interchange/onnx/tensor_view.h"

namespace niwaki::interchange {
using arch::Op;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;
using engine::Quantisation;
using engine::QuantisedWeight;

namespace {

// [Co, Ci, h, w] with channels of the input innermost.
void SetDenseValues(const Constant& weights, QuantisedWeight& weight) {
  const Constant moved = Transposed(weights, {0, 2, 3, 1});
  weight.values.assign(moved.integers.begin(), moved.integers.end());
}

// [Co, 1, h, w] with channels innermost.
void SetDepthwiseValues(const Constant& weights, QuantisedWeight& weight) {
  const Constant moved = Transposed(weights, {1, 2, 3, 0});
  weight.values.assign(moved.integers.begin(), moved.integers.end());
}

// Where in memory each element is that `factors` count through.
std::vector<int64_t> PlacesOf(const std::vector<TensorView::Factor>& factors) {
  std::vector<int64_t> places = {0};
  for (const TensorView::Factor& factor : factors) {
    std::vector<int64_t> finer;
    finer.reserve(places.size() * static_cast<size_t>(factor.size));
    for (const int64_t place : places) {
      for (int64_t i = 0; i < factor.size; ++i) finer.push_back(place + i * factor.stride);
    }
    places = std::move(finer);
  }
  return places;
}

}  // namespace

absl::StatusOr<TensorId> LayerReader::ImageInput() {
  NIWAKI_ASSIGN_OR_RETURN(Value * value, RealInput(0));
  if (value->view.axes() != 4) {
    return Wrong("input 0", SizesText(value->view.sizes()), "[1, channels, height, width]",
                 "the operator is read for images");
  }
  return Arrange(*value);
}

absl::Status LayerReader::SetAutoPads(absl::string_view rule, const Op& op,
                                      std::vector<int64_t>& pads) const {
  if (rule == "NOTSET") return absl::OkStatus();
  pads = {0, 0, 0, 0};
  if (rule == "VALID") return absl::OkStatus();
  if (rule != "SAME_UPPER" && rule != "SAME_LOWER") {
    return Wrong("auto_pad", rule, "NOTSET, VALID, SAME_UPPER, SAME_LOWER",
                 "the padding is not read");
  }
  const TensorShape& in = network_.graph.shape(op.input);
  const std::array<int64_t, 2> sides = {in.height, in.width};
  const std::array<int64_t, 2> kernels = {op.kernel_h, op.kernel_w};
  const std::array<int64_t, 2> strides = {op.stride_h, op.stride_w};
  for (int i = 0; i < 2; ++i) {
    const int64_t out = (sides[i] - 1) / strides[i] + 1;
    const int64_t total = std::max<int64_t>(0, (out - 1) * strides[i] + kernels[i] - sides[i]);
    pads[i] = rule == "SAME_UPPER" ? total / 2 : total - total / 2;
    pads[2 + i] = total - pads[i];
  }
  return absl::OkStatus();
}

absl::Status LayerReader::SetAxis(absl::string_view name, int64_t in, int64_t kernel,
                                  int64_t stride, int64_t before, int64_t after, int64_t& out,
                                  uint8_t& pad_before, uint8_t& pad_after) const {
  const int64_t padded = in + before + after;
  if (padded < kernel) {
    return Wrong(absl::StrCat("kernel ", name), kernel, absl::StrCat("up to ", padded),
                 "the kernel is larger than its input");
  }
  out = (padded - kernel) / stride + 1;
  // Rounded up, unless the last window would begin behind the input.
  if (Integer("ceil_mode", 0) != 0 && (padded - kernel) % stride != 0 &&
      out * stride < in + before) {
    after = out * stride + kernel - in - before;
    ++out;
  }
  if (before > kMaxPadding || after > kMaxPadding) {
    return Wrong(absl::StrCat("padding of the ", name), std::max(before, after),
                 absl::StrCat("up to ", kMaxPadding), "the padding is too wide");
  }
  pad_before = static_cast<uint8_t>(before);
  pad_after = static_cast<uint8_t>(after);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> LayerReader::SetWindow(Op& op, int64_t kernel_h,
                                                            int64_t kernel_w) {
  const std::vector<int64_t> strides = Integers("strides", {1, 1});
  const std::vector<int64_t> dilations = Integers("dilations", {1, 1});
  std::vector<int64_t> pads = Integers("pads", {0, 0, 0, 0});
  if (strides.size() != 2 || dilations.size() != 2 || pads.size() != 4) {
    return Wrong("strides, dilations, pads",
                 absl::StrCat(strides.size(), ", ", dilations.size(), ", ", pads.size()), "2, 2, 4",
                 "the window is not one of images");
  }
  if (dilations[0] != 1 || dilations[1] != 1) {
    return Wrong("dilations", SizesText(dilations), "[1,1]", "dilated windows are not read");
  }
  const std::array<std::pair<const char*, int64_t>, 4> sizes = {{{"kernel height", kernel_h},
                                                                 {"kernel width", kernel_w},
                                                                 {"stride height", strides[0]},
                                                                 {"stride width", strides[1]}}};
  for (const auto& [name, size] : sizes) {
    if (size < 1 || size > kMaxWindow)
      return Wrong(name, size, absl::StrCat("1 to ", kMaxWindow), "the window has no usable size");
  }
  op.kernel_h = static_cast<uint16_t>(kernel_h);
  op.kernel_w = static_cast<uint16_t>(kernel_w);
  op.stride_h = static_cast<uint16_t>(strides[0]);
  op.stride_w = static_cast<uint16_t>(strides[1]);
  NIWAKI_RETURN_IF_ERROR(SetAutoPads(Text("auto_pad", "NOTSET"), op, pads));
  for (const int64_t pad : pads) {
    if (pad < 0 || pad > kMaxSide) {
      return Wrong("pads", SizesText(pads), absl::StrCat("0 to ", kMaxPadding),
                   "the padding is not read");
    }
  }
  const TensorShape in = graph().shape(op.input);
  std::vector<int64_t> out = {1, in.channels, 0, 0};
  NIWAKI_RETURN_IF_ERROR(SetAxis("height", in.height, kernel_h, strides[0], pads[0], pads[2],
                                 out[2], op.padding.top, op.padding.bottom));
  NIWAKI_RETURN_IF_ERROR(SetAxis("width", in.width, kernel_w, strides[1], pads[1], pads[3], out[3],
                                 op.padding.left, op.padding.right));
  return out;
}

absl::StatusOr<std::shared_ptr<const Constant>> LayerReader::WeightsInput(int axes,
                                                                          int channel_axis) {
  NIWAKI_ASSIGN_OR_RETURN(const auto weights, ConstantInput(1));
  if (static_cast<int>(weights->sizes.size()) != axes) {
    return Wrong("weights", SizesText(weights->sizes), absl::StrCat(axes, " axes"),
                 "the weights have another shape");
  }
  if (!weights->is_levels() || weights->scales.empty()) {
    return Wrong("weights", ConstantTypeName(weights->type), "a DequantizeLinear of int8",
                 "the weights are not quantised");
  }
  if (weights->zero_point != 0) {
    return Wrong("weight zero point", weights->zero_point, "0 (of uint8 128)",
                 "weights are symmetric");
  }
  if (weights->scales.size() > 1 && weights->axis != channel_axis) {
    return Wrong("axis of the weights' scales", weights->axis, absl::StrCat(channel_axis),
                 "scales belong to output channels");
  }
  return weights;
}

absl::Status LayerReader::SetBiases(const Constant& bias, const Quantisation& input,
                                    QuantisedWeight& weight) const {
  const size_t channels = weight.biases.size();
  if (bias.elements() != static_cast<int64_t>(channels) || !bias.is_real() || bias.is_levels()) {
    return Wrong("biases", absl::StrCat(bias.elements(), " ", ConstantTypeName(bias.type)),
                 absl::StrCat(channels, " FLOAT, or a DequantizeLinear of INT32"),
                 "every output channel has a bias");
  }
  for (size_t c = 0; c < channels; ++c) {
    const float unit = input.scale * weight.scales[weight.scales.size() == 1 ? 0 : c];
    double real = 0;
    if (bias.type == ConstantType::kFloat) {
      real = bias.floats[c];
    } else {
      const float scale = bias.scales[bias.scales.size() == 1 ? 0 : c];
      const int64_t level = int64_t{bias.integers[c]} - bias.zero_point;
      // In units of the sum already: as it stands.
      if (scale == unit && bias.zero_point == 0) {
        weight.biases[c] = bias.integers[c];
        continue;
      }
      real = double{scale} * static_cast<double>(level);
    }
    const double level = real == 0 ? 0 : std::nearbyint(real / double{unit});
    if (!(std::abs(level) <= std::numeric_limits<int32_t>::max())) {
      return Wrong(absl::StrCat("bias of channel ", c), real,
                   absl::StrCat("int32 times ", unit, ", input scale times weight scale"),
                   "the bias is beyond the scale of its channel");
    }
    weight.biases[c] = static_cast<int32_t>(level);
  }
  return absl::OkStatus();
}

absl::Status LayerReader::CheckSums(const QuantisedWeight& weight, TensorId input,
                                    bool channels_outermost) const {
  for (const float scale : weight.scales) {
    if (!std::isfinite(scale * Scale(input).scale)) {
      return Wrong("weight scale", scale, absl::StrCat("finite times ", Scale(input).scale),
                   "input and weight scale make none for their sum");
    }
  }
  const std::optional<SumBeyond> beyond = FindSumBeyond(weight, channels_outermost);
  if (!beyond.has_value()) return absl::OkStatus();
  return Wrong(absl::StrCat("sum of channel ", beyond->channel), beyond->largest,
               absl::StrCat("up to ", std::numeric_limits<int32_t>::max()),
               "weights and bias add up to more than an accumulator holds");
}

absl::Status LayerReader::ReadConv() {
  PendingOp pending;
  Op& op = pending.op;
  NIWAKI_ASSIGN_OR_RETURN(op.input, ImageInput());
  NIWAKI_ASSIGN_OR_RETURN(const auto weights, WeightsInput(4, 0));
  const std::vector<int64_t>& axes = weights->sizes;
  const std::vector<int64_t> kernel = Integers("kernel_shape", {axes[2], axes[3]});
  if (kernel != std::vector<int64_t>{axes[2], axes[3]}) {
    return Wrong("kernel_shape", SizesText(kernel), SizesText({axes[2], axes[3]}),
                 "the weights have another window");
  }
  const int64_t group = Integer("group", 1);
  const int64_t in = graph().shape(op.input).channels;
  const bool depthwise = group != 1;
  if (depthwise && (group != in || axes[1] != 1 || axes[0] % in != 0)) {
    return Wrong("group", group, absl::StrCat("1, or ", in, " with filters of one channel"),
                 "convolutions of groups of channels are not read");
  }
  if (!depthwise && axes[1] != in) {
    return Wrong("weights", SizesText(axes), absl::StrCat(in, " input channels"),
                 "the weights do not fit the input");
  }
  op.kind = depthwise ? OpKind::kDepthwiseConv2d : OpKind::kConv2d;
  NIWAKI_ASSIGN_OR_RETURN(std::vector<int64_t> sizes, SetWindow(op, axes[2], axes[3]));
  sizes[1] = axes[0];
  auto weight = std::make_shared<QuantisedWeight>();
  depthwise ? SetDepthwiseValues(*weights, *weight) : SetDenseValues(*weights, *weight);
  weight->scales = weights->scales;
  weight->biases.assign(static_cast<size_t>(axes[0]), 0);
  if (HasInput(2)) {
    NIWAKI_ASSIGN_OR_RETURN(const auto bias, ConstantInput(2));
    NIWAKI_RETURN_IF_ERROR(SetBiases(*bias, Scale(op.input), *weight));
  }
  NIWAKI_RETURN_IF_ERROR(CheckSums(*weight, op.input, !depthwise));
  NIWAKI_RETURN_IF_ERROR(Spend(weights->elements()));
  pending.weight = std::move(weight);
  return SetPending(std::move(pending), sizes);
}

absl::StatusOr<PendingOp> LayerReader::Product(const Constant& weights) {
  NIWAKI_ASSIGN_OR_RETURN(Value * value, RealInput(0));
  const std::vector<int64_t> sizes = value->view.sizes();
  const int64_t channels = weights.sizes[0];
  const int64_t elements = weights.sizes[1];
  if (sizes.size() != 2 || sizes[0] != 1 || sizes[1] != elements) {
    return Wrong("input 0", SizesText(sizes), absl::StrCat("[1,", elements, "]"),
                 "the weights do not fit the input");
  }
  PendingOp pending;
  pending.op.kind = OpKind::kLinear;
  // The levels stay where they are: the weights follow their order.
  const std::vector<int64_t> places = PlacesOf(value->view.InOrder({1}));
  auto weight = std::make_shared<QuantisedWeight>();
  weight->values.resize(weights.integers.size());
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t i = 0; i < elements; ++i) {
      weight->values[c * elements + places[i]] =
          static_cast<int8_t>(weights.integers[c * elements + i]);
    }
  }
  weight->scales = weights.scales;
  weight->biases.assign(static_cast<size_t>(channels), 0);
  pending.weight = std::move(weight);
  const TensorShape row = {1, 1, static_cast<int>(elements)};
  pending.op.input = value->tensor;
  const TensorShape& shape = graph().shape(value->tensor);
  if (shape.height != 1 || shape.width != 1) {
    pending.op.input = Append(OpKind::kReshape, value->tensor, row, Scale(value->tensor));
  }
  return pending;
}

absl::Status LayerReader::ReadGemm() {
  if (Float("alpha", 1) != 1 || Float("beta", 1) != 1 || Integer("transA", 0) != 0) {
    return Wrong(
        "alpha, beta, transA",
        absl::StrCat(Float("alpha", 1), ", ", Float("beta", 1), ", ", Integer("transA", 0)),
        "1, 1, 0", "the product is not read");
  }
  const bool rows = Integer("transB", 0) != 0;
  NIWAKI_ASSIGN_OR_RETURN(const auto weights, WeightsInput(2, rows ? 0 : 1));
  NIWAKI_RETURN_IF_ERROR(Spend(2 * weights->elements()));
  NIWAKI_ASSIGN_OR_RETURN(PendingOp pending,
                          Product(rows ? *weights : Transposed(*weights, {1, 0})));
  if (HasInput(2)) {
    NIWAKI_ASSIGN_OR_RETURN(const auto bias, ConstantInput(2));
    auto weight = std::make_shared<QuantisedWeight>(*pending.weight);
    NIWAKI_RETURN_IF_ERROR(SetBiases(*bias, Scale(pending.op.input), *weight));
    pending.weight = std::move(weight);
  }
  NIWAKI_RETURN_IF_ERROR(CheckSums(*pending.weight, pending.op.input, true));
  const auto channels = static_cast<int64_t>(pending.weight->biases.size());
  return SetPending(std::move(pending), {1, channels});
}

absl::Status LayerReader::ReadMatMul() {
  NIWAKI_ASSIGN_OR_RETURN(const auto weights, WeightsInput(2, 1));
  NIWAKI_RETURN_IF_ERROR(Spend(2 * weights->elements()));
  NIWAKI_ASSIGN_OR_RETURN(PendingOp pending, Product(Transposed(*weights, {1, 0})));
  NIWAKI_RETURN_IF_ERROR(CheckSums(*pending.weight, pending.op.input, true));
  pending.lacks_bias = true;
  const auto channels = static_cast<int64_t>(pending.weight->biases.size());
  return SetPending(std::move(pending), {1, channels});
}

absl::Status LayerReader::AddBias(const Value& product, const Constant& bias) {
  PendingOp pending = *product.pending;
  auto weight = std::make_shared<QuantisedWeight>(*pending.weight);
  NIWAKI_RETURN_IF_ERROR(Spend(static_cast<int64_t>(weight->values.size())));
  NIWAKI_RETURN_IF_ERROR(SetBiases(bias, Scale(pending.op.input), *weight));
  NIWAKI_RETURN_IF_ERROR(CheckSums(*weight, pending.op.input, true));
  pending.weight = std::move(weight);
  pending.lacks_bias = false;
  return SetPending(std::move(pending), product.view.sizes());
}

absl::StatusOr<std::vector<int64_t>> LayerReader::KernelOfPool() const {
  std::vector<int64_t> kernel = Integers("kernel_shape", {});
  if (kernel.size() == 2) return kernel;
  return Wrong("kernel_shape", SizesText(kernel), "two sizes", "the pool is not one of images");
}

absl::Status LayerReader::ReadMaxPool() {
  PendingOp pending;
  pending.op.kind = OpKind::kMaxPool;
  pending.scale = OutputScale::kOfInput;
  NIWAKI_ASSIGN_OR_RETURN(pending.op.input, ImageInput());
  pending.usual = Scale(pending.op.input);
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> kernel, KernelOfPool());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes,
                          SetWindow(pending.op, kernel[0], kernel[1]));
  return SetPending(std::move(pending), sizes);
}

absl::Status LayerReader::ReadAveragePool() {
  PendingOp pending;
  Op& op = pending.op;
  op.kind = OpKind::kAvgPool;
  pending.scale = OutputScale::kOfInput;
  NIWAKI_ASSIGN_OR_RETURN(op.input, ImageInput());
  pending.usual = Scale(op.input);
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> kernel, KernelOfPool());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes, SetWindow(op, kernel[0], kernel[1]));
  const arch::Padding& pad = op.padding;
  if (std::max(pad.top, pad.bottom) >= op.kernel_h ||
      std::max(pad.left, pad.right) >= op.kernel_w) {
    return Wrong("pads", absl::StrCat(std::max({pad.top, pad.bottom, pad.left, pad.right})),
                 "less than the kernel", "a window would see nothing but padding");
  }
  const TensorShape in = graph().shape(op.input);
  if (pad != arch::Padding() && Integer("count_include_pad", 0) != 0) {
    if (Integer("ceil_mode", 0) != 0) {
      return Wrong("ceil_mode", 1, "0 where padding counts", "the pool is not read");
    }
    // Zeros that count are zeros of the image.
    const TensorShape padded = {in.height + pad.height(), in.width + pad.width(), in.channels};
    NIWAKI_RETURN_IF_ERROR(
        CheckSizes("padded input", {1, padded.channels, padded.height, padded.width}));
    const TensorId id = Append(OpKind::kPad, op.input, padded, Scale(op.input));
    graph().ops.back().padding = pad;
    op.input = id;
    op.padding = {};
  } else if (sizes[2] == 1 && sizes[3] == 1 && op.kernel_h == in.height &&
             op.kernel_w == in.width) {
    op.kind = OpKind::kGlobalAvgPool;
    op.kernel_h = op.kernel_w = op.stride_h = op.stride_w = 1;
    op.padding = {};
  }
  return SetPending(std::move(pending), sizes);
}

absl::Status LayerReader::ReadGlobalAveragePool() {
  PendingOp pending;
  pending.op.kind = OpKind::kGlobalAvgPool;
  pending.scale = OutputScale::kOfInput;
  NIWAKI_ASSIGN_OR_RETURN(pending.op.input, ImageInput());
  pending.usual = Scale(pending.op.input);
  const int64_t channels = graph().shape(pending.op.input).channels;
  return SetPending(std::move(pending), {1, channels, 1, 1});
}

absl::Status LayerReader::ReadMean() {
  PendingOp pending;
  pending.op.kind = OpKind::kMean;
  NIWAKI_ASSIGN_OR_RETURN(Value * value, RealInput(0));
  std::vector<int64_t> sizes = value->view.sizes();
  NIWAKI_ASSIGN_OR_RETURN(pending.op.input, Arrange(*value));
  pending.usual = Scale(pending.op.input);
  const auto count = static_cast<int64_t>(sizes.size());
  const std::vector<int> usual = TensorView::UsualOrder(static_cast<int>(count));
  pending.extra.emplace();
  std::vector<bool> gone(sizes.size(), false);
  for (int64_t axis : Integers("axes", {})) {
    if (axis < 0) axis += count;
    if (axis < 1 || axis >= count) {
      return Wrong("axes", SizesText(Integers("axes", {})), "axes behind the batch",
                   "the mean goes over no such axis");
    }
    const auto place = std::find(usual.begin(), usual.end(), static_cast<int>(axis));
    pending.extra->axes[3 - (usual.end() - place)] = true;
    gone[axis] = true;
    sizes[axis] = 1;
  }
  const auto& axes = pending.extra->axes;
  if ((axes[0] && axes[2] && !axes[1] && graph().shape(pending.op.input).width > 1) ||
      !(axes[0] || axes[1] || axes[2])) {
    return Wrong("axes", SizesText(Integers("axes", {})), "one axis, or axes side by side",
                 "the mean goes over axes that are apart");
  }
  NIWAKI_RETURN_IF_ERROR(SetPending(std::move(pending), sizes));
  if (Integer("keepdims", 1) != 0) return absl::OkStatus();
  std::vector<int64_t> left;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!gone[i]) left.push_back(sizes[i]);
  }
  Value& output = values_[node_->output(0)];
  output.view = *output.view.Reshaped(left);
  return absl::OkStatus();
}

absl::Status LayerReader::ReadPad() {
  PendingOp pending;
  pending.op.kind = OpKind::kPad;
  pending.scale = OutputScale::kOfInput;
  NIWAKI_ASSIGN_OR_RETURN(pending.op.input, ImageInput());
  pending.usual = Scale(pending.op.input);
  if (Text("mode", "constant") != "constant") {
    return Wrong("mode", Text("mode", ""), "constant", "the padding is not read");
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> pads, IntegerInput(1));
  if (HasInput(2)) {
    NIWAKI_ASSIGN_OR_RETURN(const auto fill, ConstantInput(2));
    const bool zero = fill->type == ConstantType::kFloat ? fill->floats[0] == 0
                                                         : fill->integers[0] == fill->zero_point;
    if (!zero) return Wrong("constant_value", "not 0", "0", "images are padded with zeros");
  }
  if (pads.size() != 8) return Wrong("pads", pads.size(), "8", "every axis has two paddings");
  for (size_t i = 0; i < pads.size(); ++i) {
    const bool of_image = i % 4 >= 2;
    if (pads[i] < 0 || pads[i] > kMaxPadding || (pads[i] > 0 && !of_image)) {
      return Wrong("pads", SizesText(pads),
                   absl::StrCat("0 to ", kMaxPadding, ", of height and width"),
                   "the padding is not read");
    }
  }
  pending.op.padding = {static_cast<uint8_t>(pads[2]), static_cast<uint8_t>(pads[6]),
                        static_cast<uint8_t>(pads[3]), static_cast<uint8_t>(pads[7])};
  const TensorShape& in = graph().shape(pending.op.input);
  const arch::Padding pad = pending.op.padding;
  return SetPending(std::move(pending),
                    {1, in.channels, in.height + pad.height(), in.width + pad.width()});
}

absl::Status LayerReader::ReadResize() {
  PendingOp pending;
  pending.op.kind = OpKind::kUpsample;
  pending.scale = OutputScale::kOfInput;
  NIWAKI_ASSIGN_OR_RETURN(pending.op.input, ImageInput());
  pending.usual = Scale(pending.op.input);
  const std::string where = Text("coordinate_transformation_mode", "half_pixel");
  const std::string nearest = Text("nearest_mode", "round_prefer_floor");
  const bool repeats = (where == "asymmetric" && nearest == "floor") ||
                       ((where == "half_pixel" || where == "pytorch_half_pixel") &&
                        (nearest == "round_prefer_floor" || nearest == "round_prefer_ceil"));
  if (Text("mode", "nearest") != "nearest" || !repeats) {
    return Wrong("mode", absl::StrCat(Text("mode", "nearest"), ", ", where, ", ", nearest),
                 "nearest, asymmetric, floor or nearest, half_pixel, round_prefer_floor",
                 "the resize does not repeat pixels");
  }
  const TensorShape in = graph().shape(pending.op.input);
  const std::vector<int64_t> before = {1, in.channels, in.height, in.width};
  std::vector<int64_t> sizes = before;
  if (HasInput(3)) {
    NIWAKI_ASSIGN_OR_RETURN(sizes, IntegerInput(3));
  } else {
    NIWAKI_ASSIGN_OR_RETURN(const auto scales, ConstantInput(2));
    if (scales->type != ConstantType::kFloat || scales->elements() != 4) {
      return Wrong("scales", scales->elements(), "4 FLOAT", "every axis has a scale");
    }
    for (int i = 0; i < 4; ++i) {
      const double size = double{scales->floats[i]} * static_cast<double>(before[i]);
      sizes[i] = size >= 1 && size <= kMaxSide && size == std::floor(size)
                     ? static_cast<int64_t>(size)
                     : -1;
    }
  }
  const bool whole = sizes.size() == 4 && sizes[0] == 1 && sizes[1] == in.channels &&
                     sizes[2] > 0 && sizes[3] > 0 && sizes[2] % in.height == 0 &&
                     sizes[3] % in.width == 0;
  if (!whole) {
    return Wrong("sizes", SizesText(sizes),
                 absl::StrCat("whole multiples of ", arch::ShapeText(in)),
                 "the resize does not repeat pixels");
  }
  return SetPending(std::move(pending), sizes);
}

}  // namespace niwaki::interchange
