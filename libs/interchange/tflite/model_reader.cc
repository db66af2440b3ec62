#include "libs/interchange/tflite/model_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/arch/describe.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/level_limits.h"
#include "libs/interchange/malformed.h"
#include "libs/interchange/tflite/operator_names.h"

namespace niwaki::interchange {
using arch::Op;
using arch::OpActivation;
using arch::TensorId;
using arch::TensorShape;
using engine::Quantisation;
using engine::QuantisedWeight;

namespace {

constexpr absl::string_view kHowToQuantise =
    "convert it with full-integer quantisation first: a converter with a representative data set, "
    "TFLITE_BUILTINS_INT8 and inference_input_type int8";

// Copied: the verifier wants the length of a vector aligned, and not its 64-bit elements.
std::vector<int64_t> ZeroPointsOf(const schema::QuantizationParameters& parameters) {
  const auto* zeros = parameters.zero_point();
  std::vector<int64_t> values(zeros == nullptr ? 0 : zeros->size());
  if (!values.empty()) std::memcpy(values.data(), zeros->Data(), values.size() * sizeof(int64_t));
  return values;
}

}  // namespace

absl::Status ModelReader::Wrong(absl::string_view field, const absl::AlphaNum& value,
                                absl::string_view limit, absl::string_view message) const {
  const std::string place = operator_ == nullptr ? std::string()
                                                 : absl::StrCat("operator ", index_, " (",
                                                                TfliteOperatorName(code_), "): ");
  return Malformed(place, field, value, limit, message);
}

absl::StatusOr<int> ModelReader::OnlyOne(absl::string_view what,
                                         const flatbuffers::Vector<int32_t>* list) {
  const uint32_t size = list == nullptr ? 0 : list->size();
  if (size != 1) {
    return Wrong(absl::StrCat(what, "s"), size, "1",
                 absl::StrCat("the network has not one ", what));
  }
  const int index = list->Get(0);
  if (index < 0 || index >= static_cast<int>(ids_.size())) return NoTensor(what, index);
  return index;
}

absl::Status ModelReader::NoTensor(absl::string_view what, int index) const {
  return Wrong(what, index, absl::StrCat("tensors 0 to ", ids_.size() - 1),
               "the file has no such tensor");
}

absl::Span<const uint8_t> ModelReader::DataOf(const schema::Tensor& tensor) const {
  const auto* buffers = model_.buffers();
  if (buffers == nullptr || tensor.buffer() >= buffers->size()) return {};
  const auto* data = buffers->Get(tensor.buffer())->data();
  if (data == nullptr) return {};
  return absl::MakeSpan(data->data(), data->size());
}

std::vector<int64_t> ModelReader::AxesOf(const schema::Tensor& tensor) const {
  if (tensor.shape() == nullptr) return {};
  return std::vector<int64_t>(tensor.shape()->begin(), tensor.shape()->end());
}

absl::StatusOr<TensorShape> ModelReader::ShapeOf(absl::string_view what,
                                                 const schema::Tensor& tensor) const {
  const std::vector<int64_t> axes = AxesOf(tensor);
  const std::string text = absl::StrCat("[", absl::StrJoin(axes, ","), "]");
  if (axes.size() > 4) return Wrong(what, text, "up to 4 axes", "the tensor has too many axes");
  int64_t elements = 1;
  for (const int64_t size : axes) {
    if (size < 1 || size > kMaxSide || (elements *= size) > kMaxElements) {
      return Wrong(what, text,
                   absl::StrCat("sides of 1 to ", kMaxSide, ", up to ", kMaxElements, " elements"),
                   "the tensor has no usable size");
    }
  }
  if (axes.size() >= 2 && axes[0] != 1) {
    return Wrong(what, text, "a batch of 1", "the tensor holds more than one image");
  }
  TensorShape shape = {1, 1, 1};
  int* const sides[3] = {&shape.height, &shape.width, &shape.channels};
  // The last axes are the last sides; the batch is left out.
  const size_t skipped = axes.size() >= 2 ? 1 : 0;
  const size_t used = axes.size() - skipped;
  for (size_t i = 0; i < used; ++i) *sides[3 - used + i] = static_cast<int>(axes[skipped + i]);
  return shape;
}

absl::StatusOr<Quantisation> ModelReader::QuantisationOf(absl::string_view what,
                                                         const schema::Tensor& tensor) const {
  const auto* parameters = tensor.quantization();
  const auto* scales = parameters == nullptr ? nullptr : parameters->scale();
  const uint32_t size = scales == nullptr ? 0 : scales->size();
  if (size != 1) {
    return Wrong(absl::StrCat(what, " scales"), size, "1",
                 absl::StrCat("the tensor is not quantised; ", kHowToQuantise));
  }
  Quantisation result;
  result.scale = scales->Get(0);
  if (!std::isfinite(result.scale) || result.scale <= 0) {
    return Wrong(absl::StrCat(what, " scale"), result.scale, "a finite number above 0",
                 "a tensor needs a scale");
  }
  const std::vector<int64_t> zeros = ZeroPointsOf(*parameters);
  const int64_t zero = zeros.empty() ? 0 : zeros[0];
  if (zero < -128 || zero > 127) {
    return Wrong(absl::StrCat(what, " zero point"), zero, "-128 to 127", "a zero point is an int8");
  }
  result.zero_point = static_cast<int32_t>(zero);
  return result;
}

absl::StatusOr<TensorId> ModelReader::NewTensor(absl::string_view what, int index) {
  const schema::Tensor& from = tensor(index);
  if (ids_[index] >= 0) return Wrong(what, index, "", "the tensor is written twice");
  NIWAKI_ASSIGN_OR_RETURN(const TensorShape shape, ShapeOf(what, from));
  Quantisation quantisation;
  if (from.type() == schema::TensorType_INT8) {
    NIWAKI_ASSIGN_OR_RETURN(quantisation, QuantisationOf(what, from));
  } else if (from.type() != schema::TensorType_FLOAT32) {
    return Wrong(absl::StrCat(what, " type"), schema::EnumNameTensorType(from.type()),
                 "INT8, or FLOAT32 at the border", "tensors of this type are not read");
  }
  ids_[index] = static_cast<TensorId>(graph().tensors.size());
  graph().tensors.push_back(shape);
  network_.tensors.push_back(quantisation);
  float_.push_back(from.type() == schema::TensorType_FLOAT32);
  return ids_[index];
}

absl::StatusOr<int> ModelReader::FileTensor(int position) const {
  const std::string what = absl::StrCat("input ", position);
  if (position >= InputCount())
    return Wrong("inputs", InputCount(), absl::StrCat("at least ", position + 1),
                 "an input is missing");
  const int index = operator_->inputs()->Get(position);
  if (index < 0 || index >= static_cast<int>(ids_.size())) return NoTensor(what, index);
  return index;
}

absl::StatusOr<TensorId> ModelReader::Input(int position, bool is_float) {
  const std::string what = absl::StrCat("input ", position);
  NIWAKI_ASSIGN_OR_RETURN(const int index, FileTensor(position));
  if (ids_[index] < 0) {
    const absl::Span<const uint8_t> data = DataOf(tensor(index));
    if (data.empty()) return Wrong(what, index, "", "the tensor is read before anything writes it");
    NIWAKI_ASSIGN_OR_RETURN(const TensorId id, NewTensor(what, index));
    if (float_[id] || static_cast<int64_t>(data.size()) != graph().shape(id).elements()) {
      return Wrong(absl::StrCat(what, " bytes"), data.size(),
                   absl::StrCat(graph().shape(id).elements()),
                   "a constant has as many int8 as its shape says");
    }
    std::vector<int8_t>& values = network_.constants[id];
    values.resize(data.size());
    std::memcpy(values.data(), data.data(), data.size());
  }
  if (float_[ids_[index]] != is_float) {
    return is_float
               ? Wrong(absl::StrCat(what, " type"), "INT8", "FLOAT32", "the operator reads floats")
               : Wrong(absl::StrCat(what, " type"), "FLOAT32", "INT8",
                       absl::StrCat("the network computes in float; ", kHowToQuantise));
  }
  return ids_[index];
}

absl::StatusOr<std::vector<int32_t>> ModelReader::Integers(int position) const {
  NIWAKI_ASSIGN_OR_RETURN(const int index, FileTensor(position));
  const absl::Span<const uint8_t> data = DataOf(tensor(index));
  if (tensor(index).type() != schema::TensorType_INT32 || data.empty() || data.size() % 4 != 0) {
    return Wrong(absl::StrCat("input ", position), schema::EnumNameTensorType(tensor(index).type()),
                 "constant INT32", "this input must stand in the file");
  }
  std::vector<int32_t> values(data.size() / 4);
  std::memcpy(values.data(), data.data(), data.size());
  return values;
}

absl::StatusOr<TensorId> ModelReader::Output(bool is_float) {
  const uint32_t size = operator_->outputs() == nullptr ? 0 : operator_->outputs()->size();
  if (size != 1) return Wrong("outputs", size, "1", "the operator has not one output");
  const int index = operator_->outputs()->Get(0);
  if (index < 0 || index >= static_cast<int>(ids_.size())) return NoTensor("output", index);
  NIWAKI_ASSIGN_OR_RETURN(const TensorId id, NewTensor("output", index));
  if (float_[id] != is_float) {
    return Wrong("output type", schema::EnumNameTensorType(tensor(index).type()),
                 is_float ? "FLOAT32" : "INT8",
                 is_float ? std::string("the operator writes floats")
                          : absl::StrCat("the network computes in float; ", kHowToQuantise));
  }
  return id;
}

absl::StatusOr<OpActivation> ModelReader::ActivationOf(schema::Activation activation) const {
  switch (activation) {
    case schema::Activation_NONE:
      return OpActivation::kNone;
    case schema::Activation_RELU:
      return OpActivation::kRelu;
    case schema::Activation_RELU6:
      return OpActivation::kRelu6;
    default:
      return Wrong("activation", static_cast<int>(activation), "NONE, RELU, RELU6",
                   "the activation is not read");
  }
}

absl::Status ModelReader::SetWindow(Op& op, int64_t kernel_h, int64_t kernel_w, int64_t stride_h,
                                    int64_t stride_w, schema::Padding padding) const {
  const std::array<std::pair<const char*, int64_t>, 4> sizes = {{{"kernel height", kernel_h},
                                                                 {"kernel width", kernel_w},
                                                                 {"stride height", stride_h},
                                                                 {"stride width", stride_w}}};
  for (const auto& [name, size] : sizes) {
    if (size < 1 || size > kMaxWindow)
      return Wrong(name, size, absl::StrCat("1 to ", kMaxWindow), "the window has no usable size");
  }
  op.kernel_h = static_cast<uint16_t>(kernel_h);
  op.kernel_w = static_cast<uint16_t>(kernel_w);
  op.stride_h = static_cast<uint16_t>(stride_h);
  op.stride_w = static_cast<uint16_t>(stride_w);
  const TensorShape& in = network_.graph.shape(op.input);
  const TensorShape& out = network_.graph.shape(op.output);
  NIWAKI_RETURN_IF_ERROR(SetAxis("height", in.height, out.height, kernel_h, stride_h, padding,
                                 op.padding.top, op.padding.bottom));
  return SetAxis("width", in.width, out.width, kernel_w, stride_w, padding, op.padding.left,
                 op.padding.right);
}

absl::Status ModelReader::SetAxis(absl::string_view name, int64_t in, int64_t out, int64_t kernel,
                                  int64_t stride, schema::Padding padding, uint8_t& before,
                                  uint8_t& after) const {
  int64_t total = 0;
  int64_t expected = (in - kernel) / stride + 1;
  if (padding == schema::Padding_SAME) {
    expected = (in - 1) / stride + 1;
    total = std::max<int64_t>(0, (expected - 1) * stride + kernel - in);
  } else if (kernel > in) {
    return Wrong(absl::StrCat("kernel ", name), kernel, absl::StrCat("up to ", in),
                 "the kernel is larger than its input");
  }
  if (out != expected) {
    return Wrong(absl::StrCat("output ", name), out, absl::StrCat(expected),
                 "the output's shape does not follow from the input's");
  }
  if (total - total / 2 > kMaxPadding) {
    return Wrong(absl::StrCat("padding of the ", name), total,
                 absl::StrCat("up to ", 2 * kMaxPadding), "the padding is too wide");
  }
  before = static_cast<uint8_t>(total / 2);
  after = static_cast<uint8_t>(total - total / 2);
  return absl::OkStatus();
}

absl::Status ModelReader::RefuseDilation(int height, int width) const {
  if (height == 1 && width == 1) return absl::OkStatus();
  return Wrong("dilation", absl::StrCat(height, "x", width), "1x1",
               "dilated convolutions are not read");
}

absl::Status ModelReader::ExpectShape(TensorId id, const TensorShape& expected) const {
  const TensorShape& shape = network_.graph.shape(id);
  if (shape.height == expected.height && shape.width == expected.width &&
      shape.channels == expected.channels) {
    return absl::OkStatus();
  }
  return Wrong("output shape", arch::ShapeText(shape), arch::ShapeText(expected),
               "the output's shape does not follow from the input's");
}

absl::Status ModelReader::ReadWeights(Op& op, const std::vector<int64_t>& axes, int channel_axis) {
  NIWAKI_ASSIGN_OR_RETURN(const int index, FileTensor(1));
  const schema::Tensor& from = tensor(index);
  if (from.type() != schema::TensorType_INT8) {
    return Wrong("weights type", schema::EnumNameTensorType(from.type()), "INT8",
                 absl::StrCat("weights are int8; ", kHowToQuantise));
  }
  if (AxesOf(from) != axes) {
    return Wrong("weights shape", absl::StrCat("[", absl::StrJoin(AxesOf(from), ","), "]"),
                 absl::StrCat("[", absl::StrJoin(axes, ","), "]"),
                 "the weights do not fit input and output");
  }
  const absl::Span<const uint8_t> data = DataOf(from);
  int64_t size = 1;
  for (const int64_t axis : axes) size *= axis;
  if (static_cast<int64_t>(data.size()) != size) {
    return Wrong("weights bytes", data.size(), absl::StrCat(size), "the weights are not whole");
  }
  QuantisedWeight weight;
  weight.values.resize(data.size());
  std::memcpy(weight.values.data(), data.data(), data.size());
  NIWAKI_RETURN_IF_ERROR(ReadWeightScales(from, axes[channel_axis], channel_axis, weight));
  NIWAKI_RETURN_IF_ERROR(ReadBiases(graph().shape(op.output).channels, weight));
  NIWAKI_RETURN_IF_ERROR(CheckSums(weight, channel_axis == 0));
  op.weight = static_cast<int32_t>(graph().weights.size());
  op.bias = true;
  graph().weights.push_back({arch::WeightRole::kImported, -1, static_cast<int16_t>(index_)});
  network_.weights.push_back(std::move(weight));
  return absl::OkStatus();
}

absl::Status ModelReader::CheckSums(const QuantisedWeight& weight, bool channels_outermost) const {
  const std::optional<SumBeyond> beyond = FindSumBeyond(weight, channels_outermost);
  if (!beyond.has_value()) return absl::OkStatus();
  return Wrong(absl::StrCat("sum of channel ", beyond->channel), beyond->largest,
               absl::StrCat("up to ", std::numeric_limits<int32_t>::max()),
               "weights and bias add up to more than an accumulator holds");
}

absl::Status ModelReader::ReadWeightScales(const schema::Tensor& from, int64_t channels,
                                           int channel_axis, QuantisedWeight& weight) const {
  const auto* parameters = from.quantization();
  const auto* scales = parameters == nullptr ? nullptr : parameters->scale();
  const int64_t size = scales == nullptr ? 0 : scales->size();
  if (size != 1 && size != channels) {
    return Wrong("weight scales", size, absl::StrCat("1 or ", channels),
                 "weights have one scale, or one a channel");
  }
  if (size > 1 && parameters->quantized_dimension() != channel_axis) {
    return Wrong("quantized dimension", parameters->quantized_dimension(),
                 absl::StrCat(channel_axis), "scales belong to output channels");
  }
  weight.scales.assign(scales->begin(), scales->end());
  const std::vector<int64_t> zeros = ZeroPointsOf(*parameters);
  if (std::any_of(zeros.begin(), zeros.end(), [](int64_t zero) { return zero != 0; })) {
    return Wrong("weight zero point", "not 0", "0", "weights are symmetric");
  }
  return absl::OkStatus();
}

absl::Status ModelReader::ReadBiases(int channels, QuantisedWeight& weight) const {
  // Left out, or -1.
  if (InputCount() < 3 || operator_->inputs()->Get(2) == -1) {
    weight.biases.assign(channels, 0);
    return absl::OkStatus();
  }
  NIWAKI_ASSIGN_OR_RETURN(weight.biases, Integers(2));
  if (static_cast<int>(weight.biases.size()) != channels) {
    return Wrong("biases", weight.biases.size(), absl::StrCat(channels),
                 "every output channel has a bias");
  }
  return absl::OkStatus();
}

}  // namespace niwaki::interchange
