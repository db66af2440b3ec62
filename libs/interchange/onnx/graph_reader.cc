#include "libs/interchange/onnx/graph_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <utility>

#include "libs/arch/operator_facts.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/level_limits.h"
#include "libs/interchange/malformed.h"

namespace niwaki::interchange {
using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;
using engine::Quantisation;

namespace {

// Elements of constants made of constants: four times the largest file.
constexpr int64_t kMostSpent = int64_t{1} << 28;

bool SameShape(const TensorShape& a, const TensorShape& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

// The one transpose that brings the axes of `view`, an image in memory of `shape`, into the usual
// order; nullopt where its axes are not those of the memory.
std::optional<std::array<int8_t, 3>> DirectOrder(const TensorView& view, const TensorShape& shape) {
  if (view.axes() != 4) return std::nullopt;
  const std::array<TensorView::Factor, 3> memory = {
      {{shape.height, int64_t{shape.width} * shape.channels},
       {shape.width, shape.channels},
       {shape.channels, 1}}};
  const std::vector<int> usual = TensorView::UsualOrder(4);
  std::array<int8_t, 3> order = {-1, -1, -1};
  std::array<bool, 3> used = {};
  // Axes of one position take what is left.
  for (const bool ones : {false, true}) {
    for (int to = 0; to < 3; ++to) {
      const std::vector<TensorView::Factor> factors = view.InOrder({usual[to + 1]});
      if (factors.size() > 1 || factors.empty() != ones) continue;
      for (int from = 0; from < 3 && order[to] < 0; ++from) {
        if (used[from] || (ones ? memory[from].size != 1 : !(memory[from] == factors[0]))) continue;
        order[to] = static_cast<int8_t>(from);
        used[from] = true;
      }
    }
  }
  if (std::count(used.begin(), used.end(), true) < 3) return std::nullopt;
  return order;
}

}  // namespace

absl::Status GraphReader::Wrong(absl::string_view field, const absl::AlphaNum& value,
                                absl::string_view limit, absl::string_view message) const {
  std::string place;
  if (node_ != nullptr) {
    place = absl::StrCat("node ", index_, " (", node_->op_type(), node_->name().empty() ? "" : " ",
                         node_->name(), "): ");
  }
  return Malformed(place, field, value, limit, message);
}

absl::Status GraphReader::CheckSizes(absl::string_view what,
                                     const std::vector<int64_t>& sizes) const {
  if (sizes.size() > 4) {
    return Wrong(what, SizesText(sizes), "up to 4 axes", "the tensor has too many axes");
  }
  int64_t elements = 1;
  for (const int64_t size : sizes) {
    if (size < 1 || size > kMaxSide || (elements *= size) > kMaxElements) {
      return Wrong(what, SizesText(sizes),
                   absl::StrCat("sides of 1 to ", kMaxSide, ", up to ", kMaxElements, " elements"),
                   "the tensor has no usable size");
    }
  }
  return absl::OkStatus();
}

absl::Status GraphReader::Spend(int64_t elements) {
  spent_ += elements;
  if (spent_ <= kMostSpent) return absl::OkStatus();
  return Wrong("constants", spent_, absl::StrCat("up to ", kMostSpent, " elements"),
               "the file makes too much of its constants");
}

absl::Status GraphReader::ReadConstants() {
  if (file_.sparse_initializer_size() > 0) {
    return Wrong("sparse initializers", file_.sparse_initializer_size(), "0",
                 "sparse constants are not read");
  }
  for (const onnx::TensorProto& tensor : file_.initializer()) {
    NIWAKI_ASSIGN_OR_RETURN(Constant constant, ReadConstant(tensor));
    NIWAKI_RETURN_IF_ERROR(Spend(constant.elements()));
    Value value;
    value.constant = std::make_shared<const Constant>(std::move(constant));
    if (!values_.emplace(tensor.name(), value).second) {
      return Wrong("initializer", tensor.name(), "", "two constants have one name");
    }
  }
  return absl::OkStatus();
}

absl::Status GraphReader::ReadNetworkInput() {
  const onnx::ValueInfoProto* input = nullptr;
  int inputs = 0;
  for (const onnx::ValueInfoProto& info : file_.input()) {
    // Old files list constants as inputs.
    if (values_.count(info.name()) > 0) continue;
    input = &info;
    ++inputs;
  }
  if (inputs != 1) return Wrong("inputs", inputs, "1", "the network has not one input");
  const std::string what = absl::StrCat("input \"", input->name(), "\"");
  const onnx::TypeProto::Tensor& type = input->type().tensor_type();
  std::vector<int64_t> sizes;
  for (const auto& dimension : type.shape().dim()) {
    if (!dimension.has_dim_value()) {
      return Wrong(absl::StrCat(what, " axis ", sizes.size()),
                   dimension.dim_param().empty() ? "unknown" : dimension.dim_param(), "a number",
                   "the shape is dynamic: export the network with fixed sizes and a batch of 1");
    }
    sizes.push_back(dimension.dim_value());
  }
  if (sizes.empty()) return Wrong(what, "[]", "up to 4 axes", "the input has no shape");
  NIWAKI_RETURN_IF_ERROR(CheckSizes(what, sizes));
  if (sizes.size() > 1 && sizes[0] != 1) {
    return Wrong(what, SizesText(sizes), "a batch of 1", "the input holds more than one image");
  }
  Value value;
  value.view = TensorView::Usual(sizes);
  switch (type.elem_type()) {
    case onnx::TensorProto::FLOAT:
      value.kind = Value::Kind::kFloat;
      break;
    case onnx::TensorProto::INT8:
    case onnx::TensorProto::UINT8:
      value.kind = Value::Kind::kLevels;
      value.is_unsigned = type.elem_type() == onnx::TensorProto::UINT8;
      break;
    default:
      return Wrong(absl::StrCat(what, " type"), type.elem_type(), "FLOAT, INT8, UINT8",
                   "inputs of this type are not read");
  }
  value.tensor = NewTensor(TensorView::UsualShape(sizes), std::nullopt);
  graph().input = value.tensor;
  values_[input->name()] = std::move(value);
  return absl::OkStatus();
}

const onnx::AttributeProto* GraphReader::FindAttribute(absl::string_view name) const {
  for (const onnx::AttributeProto& attribute : node_->attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

int64_t GraphReader::Integer(absl::string_view name, int64_t usual) const {
  const onnx::AttributeProto* attribute = FindAttribute(name);
  return attribute == nullptr ? usual : attribute->i();
}

float GraphReader::Float(absl::string_view name, float usual) const {
  const onnx::AttributeProto* attribute = FindAttribute(name);
  return attribute == nullptr ? usual : attribute->f();
}

std::string GraphReader::Text(absl::string_view name, absl::string_view usual) const {
  const onnx::AttributeProto* attribute = FindAttribute(name);
  return attribute == nullptr ? std::string(usual) : attribute->s();
}

std::vector<int64_t> GraphReader::Integers(absl::string_view name,
                                           const std::vector<int64_t>& usual) const {
  const onnx::AttributeProto* attribute = FindAttribute(name);
  if (attribute == nullptr) return usual;
  return std::vector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

absl::StatusOr<Value*> GraphReader::Input(int position) {
  if (!HasInput(position)) {
    return Wrong("inputs", node_->input_size(), absl::StrCat("at least ", position + 1),
                 "an input is missing");
  }
  const auto it = values_.find(node_->input(position));
  if (it == values_.end()) {
    return Wrong(absl::StrCat("input ", position), node_->input(position), "",
                 "the value is read before anything makes it");
  }
  return &it->second;
}

absl::StatusOr<std::shared_ptr<const Constant>> GraphReader::ConstantInput(int position) {
  NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(position));
  if (value->kind != Value::Kind::kConstant) {
    return Wrong(absl::StrCat("input ", position), node_->input(position), "a constant",
                 "this input must stand in the file");
  }
  return value->constant;
}

absl::StatusOr<std::vector<int64_t>> GraphReader::IntegerInput(int position) {
  NIWAKI_ASSIGN_OR_RETURN(const auto constant, ConstantInput(position));
  if (constant->type != ConstantType::kInt64 && constant->type != ConstantType::kInt32) {
    return Wrong(absl::StrCat("input ", position, " type"), ConstantTypeName(constant->type),
                 "INT64", "axes and sizes are integers");
  }
  return std::vector<int64_t>(constant->integers.begin(), constant->integers.end());
}

absl::StatusOr<TensorId> GraphReader::ConstantTensor(const Constant& constant) {
  if (!constant.is_levels() || constant.scales.size() != 1) {
    return Wrong("constant operand", ConstantTypeName(constant.type), "levels with one scale",
                 "constants that are added, multiplied or joined are int8 or uint8");
  }
  NIWAKI_RETURN_IF_ERROR(CheckSizes("constant operand", constant.sizes));
  if (constant.sizes.size() > 1 && constant.sizes[0] != 1) {
    return Wrong("constant operand", SizesText(constant.sizes), "a batch of 1",
                 "the constant holds more than one image");
  }
  NIWAKI_RETURN_IF_ERROR(Spend(constant.elements()));
  const Constant usual =
      Transposed(constant, TensorView::UsualOrder(static_cast<int>(constant.sizes.size())));
  const TensorId id = NewTensor(TensorView::UsualShape(constant.sizes),
                                Quantisation{constant.scales[0], constant.zero_point});
  network_.constants[id].assign(usual.integers.begin(), usual.integers.end());
  return id;
}

absl::StatusOr<Value*> GraphReader::RealInput(int position) {
  NIWAKI_ASSIGN_OR_RETURN(Value * value, Input(position));
  switch (value->kind) {
    case Value::Kind::kReal:
      return value;
    case Value::Kind::kConstant: {
      NIWAKI_ASSIGN_OR_RETURN(const TensorId id, ConstantTensor(*value->constant));
      value->view = TensorView::Usual(value->constant->sizes);
      value->tensor = id;
      value->kind = Value::Kind::kReal;
      return value;
    }
    case Value::Kind::kPending:
      if (!value->pending->usual.has_value()) break;
      if (value->tensor < 0 || Scale(value->tensor) != *value->pending->usual) {
        NIWAKI_ASSIGN_OR_RETURN(value->tensor, Emit(*value->pending, *value->pending->usual));
      }
      value->kind = Value::Kind::kReal;
      return value;
    case Value::Kind::kFloat:
    case Value::Kind::kLevels:
      break;
  }
  return Wrong(absl::StrCat("input ", position), node_->input(position),
               "what a DequantizeLinear makes",
               "the network computes in float here: its scale is unknown without a "
               "QuantizeLinear and DequantizeLinear before this node");
}

absl::StatusOr<TensorId> GraphReader::TensorInput(int position) {
  NIWAKI_ASSIGN_OR_RETURN(Value * value, RealInput(position));
  return Arrange(*value);
}

absl::Status GraphReader::SetOutput(const Value& value) {
  if (node_->output_size() < 1 || node_->output(0).empty()) {
    return Wrong("outputs", node_->output_size(), "1", "the node has no output");
  }
  if (value.kind != Value::Kind::kConstant) {
    NIWAKI_RETURN_IF_ERROR(CheckSizes("output", value.view.sizes()));
    if (value.view.axes() > 1 && value.view.sizes()[0] != 1) {
      return Wrong("output", SizesText(value.view.sizes()), "a batch of 1",
                   "the first axis is the batch");
    }
  }
  if (!values_.emplace(node_->output(0), value).second) {
    return Wrong("output", node_->output(0), "", "the value is made twice");
  }
  return absl::OkStatus();
}

absl::Status GraphReader::SetConstant(Constant constant) {
  NIWAKI_RETURN_IF_ERROR(Spend(constant.elements()));
  Value value;
  value.constant = std::make_shared<const Constant>(std::move(constant));
  return SetOutput(value);
}

absl::Status GraphReader::SetPending(PendingOp pending, const std::vector<int64_t>& sizes) {
  NIWAKI_RETURN_IF_ERROR(CheckSizes("output", sizes));
  pending.shape = TensorView::UsualShape(sizes);
  Value value;
  value.kind = Value::Kind::kPending;
  value.view = TensorView::Usual(sizes);
  value.pending = std::make_shared<const PendingOp>(std::move(pending));
  return SetOutput(value);
}

absl::StatusOr<NodeScales> GraphReader::ScalesOfNode() {
  NIWAKI_ASSIGN_OR_RETURN(const auto scale, ConstantInput(1));
  if (scale->type != ConstantType::kFloat || scale->sizes.size() > 1) {
    return Wrong("scale", SizesText(scale->sizes), "FLOAT, one or a list", "the scale is not read");
  }
  NodeScales result;
  result.scales = scale->floats;
  for (const float value : result.scales) {
    if (!std::isfinite(value)) {
      return Wrong("scale", value, "a finite number", "a tensor needs a scale");
    }
  }
  if (!HasInput(2)) {
    result.zero_point = -128;
    return result;
  }
  NIWAKI_ASSIGN_OR_RETURN(const auto zero, ConstantInput(2));
  result.type = zero->type;
  if (result.type == ConstantType::kFloat || result.type == ConstantType::kInt64) {
    return Wrong("zero point type", ConstantTypeName(zero->type), "INT8, UINT8, INT32",
                 "levels of this type are not read");
  }
  if (zero->elements() != scale->elements()) {
    return Wrong("zero points", zero->elements(), absl::StrCat(scale->elements()),
                 "every scale has a zero point");
  }
  result.zero_point = zero->integers[0];
  for (const int32_t value : zero->integers) {
    if (value != result.zero_point) {
      return Wrong("zero point", value, absl::StrCat(result.zero_point),
                   "channels have one zero point");
    }
  }
  return result;
}

absl::StatusOr<Quantisation> GraphReader::OneScale(const NodeScales& scales) const {
  if (scales.scales.size() != 1) {
    return Wrong("scales", scales.scales.size(), "1", "what is computed has one scale");
  }
  if (scales.scales[0] <= 0) {
    return Wrong("scale", scales.scales[0], "a finite number above 0", "a tensor needs a scale");
  }
  if (scales.type != ConstantType::kInt8 && scales.type != ConstantType::kUint8) {
    return Wrong("zero point type", ConstantTypeName(scales.type), "INT8, UINT8",
                 "what is computed is held as int8 or uint8");
  }
  return Quantisation{scales.scales[0], scales.zero_point};
}

TensorId GraphReader::NewTensor(const TensorShape& shape,
                                const std::optional<Quantisation>& quantisation) {
  graph().tensors.push_back(shape);
  network_.tensors.push_back(quantisation.value_or(Quantisation()));
  has_scale_.push_back(quantisation.has_value());
  return static_cast<TensorId>(graph().tensors.size()) - 1;
}

TensorId GraphReader::Append(OpKind kind, TensorId input, const TensorShape& shape,
                             const Quantisation& quantisation) {
  Op op;
  op.kind = kind;
  op.input = input;
  op.output = NewTensor(shape, quantisation);
  graph().ops.push_back(op);
  return op.output;
}

TensorId GraphReader::Transpose(TensorId input, const TensorShape& shape,
                                const std::array<int8_t, 3>& order) {
  const TensorId id = Append(OpKind::kTranspose, input, shape, Scale(input));
  graph().ops.back().extra = static_cast<int32_t>(graph().extras.size());
  graph().extras.emplace_back();
  graph().extras.back().order = order;
  return id;
}

absl::StatusOr<TensorId> GraphReader::TransposeStretches(
    TensorId input, const std::vector<TensorView::Factor>& factors) {
  // In memory the longest strides are outermost.
  std::vector<int> memory(factors.size());
  std::iota(memory.begin(), memory.end(), 0);
  std::sort(memory.begin(), memory.end(),
            [&factors](int a, int b) { return factors[a].stride > factors[b].stride; });
  const int ones = 3 - static_cast<int>(factors.size());
  std::array<int, 3> from = {1, 1, 1};
  std::array<int, 3> to = {1, 1, 1};
  std::array<int8_t, 3> order = {0, 1, 2};
  for (int i = 0; i < static_cast<int>(factors.size()); ++i) {
    from[ones + i] = static_cast<int>(factors[memory[i]].size);
    to[ones + i] = static_cast<int>(factors[i].size);
    order[ones + memory[i]] = static_cast<int8_t>(ones + i);
  }
  const TensorShape in = {from[0], from[1], from[2]};
  NIWAKI_RETURN_IF_ERROR(CheckSizes("stretches of memory", {from[0], from[1], from[2]}));
  if (!SameShape(graph().shape(input), in)) {
    input = Append(OpKind::kReshape, input, in, Scale(input));
  }
  return Transpose(input, {to[0], to[1], to[2]}, order);
}

absl::StatusOr<TensorId> GraphReader::Arrange(Value& value) {
  const std::vector<int64_t> sizes = value.view.sizes();
  const std::vector<TensorView::Factor> factors =
      value.view.InOrder(TensorView::UsualOrder(value.view.axes()));
  TensorId id = value.tensor;
  const Quantisation quantisation = Scale(id);
  const std::optional<std::array<int8_t, 3>> direct =
      factors.size() > 1 ? DirectOrder(value.view, graph().shape(id)) : std::nullopt;
  if (direct.has_value()) {
    id = Transpose(id, TensorView::UsualShape(sizes), *direct);
  } else if (factors.size() > 3) {
    return Wrong("layout", SizesText(sizes), "at most three stretches of memory in another order",
                 "the axes of the value lie too far apart");
  } else if (factors.size() > 1) {
    NIWAKI_ASSIGN_OR_RETURN(id, TransposeStretches(id, factors));
  }
  const TensorShape shape = TensorView::UsualShape(sizes);
  if (!SameShape(graph().shape(id), shape)) {
    id = Append(OpKind::kReshape, id, shape, quantisation);
  }
  value.tensor = id;
  value.view = TensorView::Usual(sizes);
  return id;
}

absl::Status GraphReader::EmitConcat(PendingOp& pending, const Quantisation& quantisation) {
  std::map<TensorId, TensorId> rescaled;
  for (TensorId& input : pending.extra->inputs) {
    if (Scale(input) == quantisation) continue;
    TensorId& id = rescaled.try_emplace(input, -1).first->second;
    if (id < 0) id = Append(OpKind::kRescale, input, graph().shape(input), quantisation);
    input = id;
  }
  return absl::OkStatus();
}

absl::StatusOr<TensorId> GraphReader::Emit(const PendingOp& waiting,
                                           const Quantisation& quantisation) {
  PendingOp pending = waiting;
  Op& op = pending.op;
  Quantisation own = quantisation;
  if (pending.scale == OutputScale::kUnit) own = kUnitLevels;
  if (op.kind == OpKind::kConcat) {
    NIWAKI_RETURN_IF_ERROR(EmitConcat(pending, quantisation));
  } else if (pending.scale == OutputScale::kOfInput && Scale(op.input) != quantisation) {
    if (op.kind == OpKind::kGlobalAvgPool && op.activation == OpActivation::kNone) {
      // A mean rounds once.
      op.kind = OpKind::kMean;
      pending.extra.emplace();
      pending.extra->axes = {true, true, false};
    } else {
      own = Scale(op.input);
    }
  }
  if (pending.weight != nullptr) {
    NIWAKI_RETURN_IF_ERROR(Spend(static_cast<int64_t>(pending.weight->values.size())));
    op.weight = static_cast<int32_t>(graph().weights.size());
    op.bias = true;
    graph().weights.push_back(
        {arch::WeightRole::kImported, -1, static_cast<int16_t>(graph().ops.size())});
    network_.weights.push_back(*pending.weight);
  }
  if (pending.extra.has_value()) {
    op.extra = static_cast<int32_t>(graph().extras.size());
    graph().extras.push_back(*pending.extra);
  }
  op.output = NewTensor(pending.shape, own);
  graph().ops.push_back(op);
  if (own == quantisation) return op.output;
  return Append(OpKind::kRescale, op.output, pending.shape, quantisation);
}

absl::StatusOr<Value*> GraphReader::NetworkOutput() {
  node_ = nullptr;
  if (file_.output_size() != 1) {
    return Wrong("outputs", file_.output_size(), "1", "the network has not one output");
  }
  const std::string& name = file_.output(0).name();
  const auto it = values_.find(name);
  if (it == values_.end() || it->second.kind == Value::Kind::kConstant) {
    return Wrong("output", name, "", "no node makes the network's output");
  }
  return &it->second;
}

}  // namespace niwaki::interchange
