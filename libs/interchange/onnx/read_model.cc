#include "libs/interchange/onnx/read_model.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/level_limits.h"
#include "libs/interchange/onnx/constant.h"
#include "libs/interchange/onnx/graph_reader.h"
#include "libs/interchange/onnx/layer_reader.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/tensor_view.h"
#include "libs/interchange/order_of_use.h"

namespace niwaki::interchange {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;
using engine::Quantisation;
using engine::QuantisedNetwork;

constexpr int64_t kFirstOpset = 13;
constexpr int64_t kLastOpset = 17;

absl::Status Malformed(absl::string_view field, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(field)
      .Message(message);
}

// Whether a clamp of its output can be a part of the kernel. A clamp behind a clamp is the narrower
// of them: PyTorch writes relu6 as both.
bool TakesActivation(const PendingOp& pending) {
  const OpActivation before = pending.op.activation;
  const bool clamps = before == OpActivation::kRelu || before == OpActivation::kRelu6;
  switch (pending.op.kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kLinear:
    case OpKind::kAdd:
    case OpKind::kMul:
    case OpKind::kMaxPool:
    case OpKind::kAvgPool:
    case OpKind::kGlobalAvgPool:
      return clamps || before == OpActivation::kNone;
    case OpKind::kActivation:
      return clamps;
    default:
      return false;
  }
}

// An operator with its domain, where it is not ONNX's own.
std::string FullName(const onnx::NodeProto& node) {
  if (node.domain().empty() || node.domain() == "ai.onnx") return node.op_type();
  return absl::StrCat(node.domain(), ".", node.op_type());
}

class Reader : public LayerReader {
 public:
  static bool Reads(const onnx::NodeProto& node) { return Readers().count(FullName(node)) > 0; }

  explicit Reader(const onnx::GraphProto& graph) : LayerReader(graph) {}

  absl::StatusOr<QuantisedNetwork> Read() {
    NIWAKI_RETURN_IF_ERROR(ReadConstants());
    NIWAKI_RETURN_IF_ERROR(ReadNetworkInput());
    for (int i = 0; i < file_.node_size(); ++i) {
      index_ = i;
      node_ = &file_.node(i);
      NIWAKI_RETURN_IF_ERROR(ReadNode());
    }
    NIWAKI_RETURN_IF_ERROR(SetNetworkOutput());
    if (graph().ops.empty()) return Malformed("nodes", "the network computes nothing");
    const auto no_scale = std::find(has_scale_.begin(), has_scale_.end(), false);
    if (no_scale != has_scale_.end() && !IsFloatBorder(no_scale - has_scale_.begin())) {
      return Wrong("scale of the input", "unknown", "a DequantizeLinear",
                   "nothing says what the levels of the input are");
    }
    KeepInOrderOfUse(network_);
    if (!ReadsInput()) {
      return Malformed("output", "the network's output does not depend on its input");
    }
    NIWAKI_RETURN_IF_ERROR(engine::Validate(network_));
    return std::move(network_);
  }

 private:
  bool ReadsInput() const {
    const arch::Graph& graph = network_.graph;
    return std::any_of(graph.ops.begin(), graph.ops.end(), [&graph](const Op& op) {
      const auto inputs = arch::InputsOf(graph, op);
      return std::find(inputs.begin(), inputs.end(), graph.input) != inputs.end();
    });
  }

  bool IsFloatBorder(int64_t id) const {
    const std::vector<Op>& ops = network_.graph.ops;
    return std::any_of(ops.begin(), ops.end(), [id](const Op& op) {
      return (op.kind == OpKind::kQuantize && op.input == id) ||
             (op.kind == OpKind::kDequantize && op.output == id);
    });
  }

  absl::Status SetNetworkOutput() {
    NIWAKI_ASSIGN_OR_RETURN(Value * output, NetworkOutput());
    if (output->kind == Value::Kind::kPending && output->pending->usual.has_value()) {
      NIWAKI_ASSIGN_OR_RETURN(output->tensor, Emit(*output->pending, *output->pending->usual));
      output->kind = Value::Kind::kReal;
    }
    if (output->kind != Value::Kind::kReal && output->kind != Value::Kind::kLevels) {
      return Wrong("output", file_.output(0).name(),
                   "what a QuantizeLinear or DequantizeLinear "
                   "makes",
                   "nothing says at which scale the network's output is held");
    }
    NIWAKI_ASSIGN_OR_RETURN(graph().output, Arrange(*output));
    if (network_.constants.count(graph().output) > 0) {
      return Malformed("output", "the network's output is a constant");
    }
    if (output->kind == Value::Kind::kReal) {
      const TensorId levels = graph().output;
      graph().output = Append(OpKind::kDequantize, levels, graph().shape(levels), Quantisation());
    }
    return absl::OkStatus();
  }

  // By operator.
  static const std::map<std::string, absl::Status (Reader::*)()>& Readers() {
    static const auto* const kReaders = new std::map<std::string, absl::Status (Reader::*)()>{
        {"QuantizeLinear", &Reader::ReadQuantize},
        {"DequantizeLinear", &Reader::ReadDequantize},
        {"Conv", &Reader::ReadConv},
        {"Gemm", &Reader::ReadGemm},
        {"MatMul", &Reader::ReadMatMul},
        {"Add", &Reader::ReadAdd},
        {"Mul", &Reader::ReadMul},
        {"Concat", &Reader::ReadConcat},
        {"Relu", &Reader::ReadRelu},
        {"Clip", &Reader::ReadClip},
        {"HardSwish", &Reader::ReadHardSwish},
        {"HardSigmoid", &Reader::ReadHardSigmoid},
        {"Sigmoid", &Reader::ReadSigmoid},
        {"MaxPool", &Reader::ReadMaxPool},
        {"AveragePool", &Reader::ReadAveragePool},
        {"GlobalAveragePool", &Reader::ReadGlobalAveragePool},
        {"ReduceMean", &Reader::ReadMean},
        {"Softmax", &Reader::ReadSoftmax},
        {"Pad", &Reader::ReadPad},
        {"Resize", &Reader::ReadResize},
        {"Flatten", &Reader::ReadFlatten},
        {"Reshape", &Reader::ReadReshape},
        {"Squeeze", &Reader::ReadSqueeze},
        {"Unsqueeze", &Reader::ReadUnsqueeze},
        {"Transpose", &Reader::ReadTranspose},
        {"Identity", &Reader::ReadIdentity},
        {"Dropout", &Reader::ReadIdentity},
        {"Constant", &Reader::ReadConstantNode},
        {"ConstantOfShape", &Reader::ReadConstantOfShape},
        {"Cast", &Reader::ReadCast},
    };
    return *kReaders;
  }

  absl::Status ReadNode() {
    const auto it = Readers().find(FullName(*node_));
    if (it == Readers().end()) {
      return Wrong("operator", FullName(*node_),
                   "the operators that libs/interchange/onnx/read_model.h lists",
                   "the operator is not read");
    }
    return (this->*it->second)();
  }

  // QuantizeLinear and DequantizeLinear

  absl::Status ReadQuantize() {
    NIWAKI_ASSIGN_OR_RETURN(Value * value, Input(0));
    NIWAKI_ASSIGN_OR_RETURN(const NodeScales scales, ScalesOfNode());
    if (value->kind == Value::Kind::kConstant) {
      if (!value->constant->is_levels()) return QuantizeConstant(*value->constant, scales);
      NIWAKI_ASSIGN_OR_RETURN(value, RealInput(0));
    }
    NIWAKI_ASSIGN_OR_RETURN(const Quantisation quantisation, OneScale(scales));
    if (value->kind == Value::Kind::kLevels) {
      return Wrong("input 0", node_->input(0), "real numbers", "levels are quantised once");
    }
    Value levels = *value;
    if (value->kind == Value::Kind::kFloat) {
      NIWAKI_ASSIGN_OR_RETURN(levels.tensor, QuantizeInput(value->tensor, quantisation));
    } else if (value->kind == Value::Kind::kPending) {
      if (value->tensor < 0 || Scale(value->tensor) != quantisation) {
        NIWAKI_ASSIGN_OR_RETURN(value->tensor, Emit(*value->pending, quantisation));
      }
      levels.tensor = value->tensor;
      levels.pending = nullptr;
      NIWAKI_RETURN_IF_ERROR(ArrangeImage(levels));
    } else {
      NIWAKI_RETURN_IF_ERROR(ArrangeImage(*value));
      levels = *value;
      if (Scale(value->tensor) != quantisation) {
        levels.tensor =
            Append(OpKind::kRescale, value->tensor, graph().shape(value->tensor), quantisation);
      }
    }
    levels.kind = Value::Kind::kLevels;
    levels.is_unsigned = scales.type == ConstantType::kUint8;
    return SetOutput(levels);
  }

  // A flattened image stays as it lies: the weights behind it follow.
  absl::Status ArrangeImage(Value& value) {
    if (value.view.axes() == 2 && !value.view.IsPlain({0, 1})) return absl::OkStatus();
    return Arrange(value).status();
  }

  absl::StatusOr<TensorId> QuantizeInput(TensorId input, const Quantisation& quantisation) {
    for (const Op& op : graph().ops) {
      if (op.kind != OpKind::kQuantize) continue;
      if (Scale(op.output) == quantisation) return op.output;
      return Wrong("scale", quantisation.scale, absl::StrCat(Scale(op.output).scale),
                   "the network's input is quantised once");
    }
    return Append(OpKind::kQuantize, input, graph().shape(input), quantisation);
  }

  // The axis of several scales.
  absl::StatusOr<int> ScaleAxis(const Constant& constant, const NodeScales& scales) const {
    if (scales.scales.size() == 1) return 0;
    const auto axes = static_cast<int64_t>(constant.sizes.size());
    int64_t axis = Integer("axis", 1);
    if (axis < 0) axis += axes;
    if (axis < 0 || axis >= axes ||
        constant.sizes[axis] != static_cast<int64_t>(scales.scales.size())) {
      return Wrong(
          "scales", scales.scales.size(),
          absl::StrCat("one for each position of axis ", axis, " of ", SizesText(constant.sizes)),
          "the scales do not fit the constant");
    }
    return static_cast<int>(axis);
  }

  absl::Status QuantizeConstant(const Constant& constant, const NodeScales& scales) {
    if (constant.type != ConstantType::kFloat || scales.type == ConstantType::kInt32) {
      return Wrong("input 0 type", ConstantTypeName(constant.type), "FLOAT into INT8 or UINT8",
                   "the constant is not quantised so");
    }
    NIWAKI_RETURN_IF_ERROR(Spend(constant.elements()));
    NIWAKI_ASSIGN_OR_RETURN(const int axis, ScaleAxis(constant, scales));
    int64_t inner = 1;
    for (size_t i = axis + 1; i < constant.sizes.size(); ++i) inner *= constant.sizes[i];
    Constant levels;
    levels.type = scales.type;
    levels.sizes = constant.sizes;
    levels.integers.reserve(constant.floats.size());
    for (size_t i = 0; i < constant.floats.size(); ++i) {
      const size_t channel = i / static_cast<size_t>(inner) % scales.scales.size();
      // Half to even, as the operator is defined.
      const float level = std::nearbyint(constant.floats[i] / scales.scales[channel]) +
                          static_cast<float>(scales.zero_point);
      if (std::isnan(level)) {
        return Wrong("constant", constant.floats[i], "numbers at a scale above 0",
                     "the constant has no level");
      }
      levels.integers.push_back(static_cast<int32_t>(std::clamp(level, -128.0F, 127.0F)));
    }
    return SetConstant(std::move(levels));
  }

  absl::Status ReadDequantize() {
    NIWAKI_ASSIGN_OR_RETURN(Value * value, Input(0));
    NIWAKI_ASSIGN_OR_RETURN(NodeScales scales, ScalesOfNode());
    if (value->kind == Value::Kind::kConstant) {
      Constant real = *value->constant;
      if (real.is_real() || real.type == ConstantType::kInt64) {
        return Wrong("input 0 type", ConstantTypeName(real.type), "INT8, UINT8, INT32",
                     "the constant has no levels");
      }
      if (HasInput(2) && scales.type != real.type) {
        return Wrong("zero point type", ConstantTypeName(scales.type), ConstantTypeName(real.type),
                     "levels and zero point have one type");
      }
      if (!HasInput(2)) scales.zero_point = real.type == ConstantType::kUint8 ? -128 : 0;
      NIWAKI_RETURN_IF_ERROR(Spend(real.elements()));
      NIWAKI_ASSIGN_OR_RETURN(real.axis, ScaleAxis(real, scales));
      real.scales = scales.scales;
      real.zero_point = scales.zero_point;
      return SetConstant(std::move(real));
    }
    if (value->kind != Value::Kind::kLevels) {
      return Wrong("input 0", node_->input(0), "levels", "the values are no levels");
    }
    const ConstantType type = value->is_unsigned ? ConstantType::kUint8 : ConstantType::kInt8;
    if (!HasInput(2)) {
      scales.type = type;
      scales.zero_point = value->is_unsigned ? -128 : 0;
    }
    NIWAKI_ASSIGN_OR_RETURN(const Quantisation quantisation, OneScale(scales));
    if (scales.type != type) {
      return Wrong("zero point type", ConstantTypeName(scales.type), ConstantTypeName(type),
                   "levels and zero point have one type");
    }
    if (!HasScale(value->tensor)) SetScale(value->tensor, quantisation);
    Value real = *value;
    real.kind = Value::Kind::kReal;
    if (Scale(value->tensor) != quantisation) {
      // The same levels by another name.
      if (!value->view.IsPlain(TensorView::UsualOrder(value->view.axes()))) {
        NIWAKI_RETURN_IF_ERROR(Arrange(*value).status());
      }
      real = *value;
      real.kind = Value::Kind::kReal;
      real.tensor = Append(OpKind::kReshape, value->tensor,
                           TensorView::UsualShape(value->view.sizes()), quantisation);
    }
    return SetOutput(real);
  }

  // Elementwise

  absl::Status ReadAdd() {
    for (int i = 0; i < 2; ++i) {
      NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(i));
      NIWAKI_ASSIGN_OR_RETURN(const Value* other, Input(1 - i));
      if (value->kind == Value::Kind::kPending && value->pending->lacks_bias && value->tensor < 0 &&
          other->kind == Value::Kind::kConstant) {
        return AddBias(*value, *other->constant);
      }
    }
    return ReadBinary(OpKind::kAdd);
  }

  absl::Status ReadMul() {
    // x * HardSigmoid(x)
    for (int i = 0; i < 2; ++i) {
      NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(i));
      NIWAKI_ASSIGN_OR_RETURN(const Value* gate, Input(1 - i));
      if (value->kind != Value::Kind::kReal || gate->kind != Value::Kind::kPending) continue;
      const Op& op = gate->pending->op;
      const std::vector<int> usual = TensorView::UsualOrder(value->view.axes());
      if (op.kind == OpKind::kActivation && op.activation == OpActivation::kHardSigmoid &&
          op.input == value->tensor && value->view.sizes() == gate->view.sizes() &&
          value->view.IsPlain(usual) && gate->view.IsPlain(usual)) {
        return SetActivation(value->tensor, value->view.sizes(), OpActivation::kHardSwish);
      }
    }
    return ReadBinary(OpKind::kMul);
  }

  absl::Status ReadBinary(OpKind kind) {
    // Missing axes are outer ones of one position.
    NIWAKI_ASSIGN_OR_RETURN(Value * first, Input(0));
    NIWAKI_ASSIGN_OR_RETURN(Value * second, Input(1));
    const size_t axes = std::max(SizesOf(*first).size(), SizesOf(*second).size());
    AddOuterAxes(*first, axes);
    AddOuterAxes(*second, axes);
    NIWAKI_ASSIGN_OR_RETURN(first, RealInput(0));
    NIWAKI_ASSIGN_OR_RETURN(second, RealInput(1));
    NIWAKI_ASSIGN_OR_RETURN(Value a, WithAxes(*first, axes));
    NIWAKI_ASSIGN_OR_RETURN(Value b, WithAxes(*second, axes));
    PendingOp pending;
    pending.op.kind = kind;
    NIWAKI_ASSIGN_OR_RETURN(pending.op.input, Arrange(a));
    NIWAKI_ASSIGN_OR_RETURN(pending.op.second_input, Arrange(b));
    if (first->view.sizes().size() == axes) *first = a;
    if (second->view.sizes().size() == axes) *second = b;
    std::vector<int64_t> sizes = a.view.sizes();
    if (graph().shape(pending.op.second_input).elements() >
        graph().shape(pending.op.input).elements()) {
      std::swap(pending.op.input, pending.op.second_input);
      sizes = b.view.sizes();
    }
    const TensorShape& wide = graph().shape(pending.op.input);
    const TensorShape& narrow = graph().shape(pending.op.second_input);
    const bool same = narrow.height == wide.height && narrow.width == wide.width;
    const bool pixel = narrow.height == 1 && narrow.width == 1;
    if ((!same && !pixel) || (narrow.channels != wide.channels && narrow.elements() != 1)) {
      return Wrong("input sizes",
                   absl::StrCat(SizesText(a.view.sizes()), " and ", SizesText(b.view.sizes())),
                   "the same, or one pixel, or one number", "the operands do not fit");
    }
    return SetPending(std::move(pending), sizes);
  }

  // Of a constant.
  static void AddOuterAxes(Value& value, size_t axes) {
    if (value.kind != Value::Kind::kConstant || value.constant->sizes.size() >= axes) return;
    Constant wider = *value.constant;
    wider.sizes.insert(wider.sizes.begin(), axes - wider.sizes.size(), 1);
    value.constant = std::make_shared<const Constant>(std::move(wider));
  }

  absl::StatusOr<Value> WithAxes(const Value& value, size_t axes) const {
    Value wider = value;
    std::vector<int64_t> sizes(axes - value.view.sizes().size(), 1);
    sizes.insert(sizes.end(), value.view.sizes().begin(), value.view.sizes().end());
    if (axes > 1 && sizes[0] != 1) {
      return Wrong("input sizes", SizesText(sizes), "a batch of 1", "the operands do not fit");
    }
    wider.view = *value.view.Reshaped(sizes);
    return wider;
  }

  absl::Status ReadConcat() {
    if (node_->input_size() == 0) return Wrong("inputs", 0, "at least 1", "an input is missing");
    PendingOp pending;
    pending.op.kind = OpKind::kConcat;
    pending.extra.emplace();
    std::vector<int64_t> sizes;
    bool same = true;
    for (int i = 0; i < node_->input_size(); ++i) {
      NIWAKI_ASSIGN_OR_RETURN(Value * value, RealInput(i));
      const std::vector<int64_t> part = value->view.sizes();
      const auto axes = static_cast<int64_t>(part.size());
      const int64_t axis = Integer("axis", 0);
      if (axes < 2 || (axis < 0 ? axis + axes : axis) != 1) {
        return Wrong("axis", axis, "1", "tensors are joined by channels alone");
      }
      NIWAKI_ASSIGN_OR_RETURN(const TensorId id, Arrange(*value));
      pending.extra->inputs.push_back(id);
      if (i == 0) {
        sizes = part;
        pending.usual = Scale(id);
        continue;
      }
      std::vector<int64_t> expected = sizes;
      if (expected.size() == part.size()) expected[1] = part[1];
      if (expected != part) {
        return Wrong(absl::StrCat("input ", i), SizesText(part), SizesText(sizes),
                     "the parts do not fit");
      }
      sizes[1] += part[1];
      same = same && Scale(id) == *pending.usual;
    }
    pending.op.input = -1;
    if (!same) pending.usual.reset();
    return SetPending(std::move(pending), sizes);
  }

  // Activations

  absl::Status SetActivation(TensorId input, const std::vector<int64_t>& sizes,
                             OpActivation activation) {
    PendingOp pending;
    pending.op.kind = OpKind::kActivation;
    pending.op.activation = activation;
    pending.op.input = input;
    switch (activation) {
      case OpActivation::kHardSigmoid:
      case OpActivation::kLogistic:
        pending.usual = kUnitLevels;
        break;
      case OpActivation::kRelu:
      case OpActivation::kRelu6:
        pending.usual = Scale(input);
        break;
      default:
        break;
    }
    return SetPending(std::move(pending), sizes);
  }

  absl::Status ReadActivation(OpActivation activation) {
    NIWAKI_ASSIGN_OR_RETURN(const TensorId input, TensorInput(0));
    NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
    return SetActivation(input, value->view.sizes(), activation);
  }

  absl::Status ReadClamp(OpActivation activation) {
    NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
    if (value->kind != Value::Kind::kPending || !TakesActivation(*value->pending)) {
      return ReadActivation(activation);
    }
    Value clamped = *value;
    PendingOp pending = *value->pending;
    if (pending.op.activation != OpActivation::kRelu6) pending.op.activation = activation;
    pending.lacks_bias = false;
    clamped.pending = std::make_shared<const PendingOp>(std::move(pending));
    clamped.tensor = -1;
    return SetOutput(clamped);
  }

  absl::Status ReadRelu() { return ReadClamp(OpActivation::kRelu); }
  absl::Status ReadHardSwish() { return ReadActivation(OpActivation::kHardSwish); }
  absl::Status ReadSigmoid() { return ReadActivation(OpActivation::kLogistic); }

  absl::Status ReadHardSigmoid() {
    const float alpha = Float("alpha", 0.2F);
    const float beta = Float("beta", 0.5F);
    if (std::abs(alpha - 1.0F / 6) > 1e-5F || beta != 0.5F) {
      return Wrong("alpha, beta", absl::StrCat(alpha, ", ", beta), "1/6, 1/2",
                   "hard-sigmoid is that of x / 6 + 1/2");
    }
    return ReadActivation(OpActivation::kHardSigmoid);
  }

  absl::StatusOr<float> Limit(int position, float usual) {
    if (!HasInput(position)) return usual;
    NIWAKI_ASSIGN_OR_RETURN(const auto constant, ConstantInput(position));
    if (constant->type != ConstantType::kFloat || constant->elements() != 1) {
      return Wrong(absl::StrCat("input ", position), ConstantTypeName(constant->type), "one FLOAT",
                   "the limit is not read");
    }
    return constant->floats[0];
  }

  absl::Status ReadClip() {
    NIWAKI_ASSIGN_OR_RETURN(const float low, Limit(1, std::numeric_limits<float>::lowest()));
    NIWAKI_ASSIGN_OR_RETURN(const float high, Limit(2, std::numeric_limits<float>::max()));
    if (low == 0 && high == 6) return ReadClamp(OpActivation::kRelu6);
    if (low == 0 && high >= std::numeric_limits<float>::max()) {
      return ReadClamp(OpActivation::kRelu);
    }
    return Wrong("limits", absl::StrCat(low, " to ", high), "0 to 6, or from 0",
                 "the clamp is not read");
  }

  absl::Status ReadSoftmax() {
    NIWAKI_ASSIGN_OR_RETURN(const TensorId input, TensorInput(0));
    NIWAKI_ASSIGN_OR_RETURN(const Value* value, Input(0));
    const auto axes = static_cast<int64_t>(value->view.axes());
    const int64_t axis = Integer("axis", -1);
    if (axes < 2 || (axis < 0 ? axis + axes : axis) != 1) {
      return Wrong("axis", axis, "1, the channels", "the softmax is not read");
    }
    const int channels = graph().shape(input).channels;
    if (channels > kMaxSoftmaxChannels) {
      return Wrong("channels", channels, absl::StrCat("up to ", kMaxSoftmaxChannels),
                   "the sum of a softmax has 12 bits before its point");
    }
    PendingOp pending;
    pending.op.kind = OpKind::kSoftmax;
    pending.op.input = input;
    pending.scale = OutputScale::kUnit;
    pending.usual = kUnitLevels;
    return SetPending(std::move(pending), value->view.sizes());
  }
};

absl::Status CheckOpset(const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
    if (!set.domain().empty() && set.domain() != "ai.onnx") continue;
    if (set.version() >= kFirstOpset && set.version() <= kLastOpset) return absl::OkStatus();
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("opset")
        .Value(set.version())
        .Limit(absl::StrCat(kFirstOpset, " to ", kLastOpset))
        .Message(absl::StrCat("the file's operators are those of opset ", set.version(),
                              "; opsets ", kFirstOpset, " to ", kLastOpset,
                              " are read: torch.onnx.export(..., opset_version=13)"));
  }
  return Malformed("opset", "this is no ONNX file: it names no operator set");
}

bool Parse(absl::string_view file, onnx::ModelProto& model) {
  return file.size() <= static_cast<size_t>(std::numeric_limits<int>::max()) &&
         model.ParseFromArray(file.data(), static_cast<int>(file.size()));
}

}  // namespace

std::vector<UnreadOperator> UnreadOnnxOperators(absl::string_view file) {
  std::vector<UnreadOperator> unread;
  onnx::ModelProto model;
  if (!Parse(file, model)) return unread;
  for (int i = 0; i < model.graph().node_size(); ++i) {
    const onnx::NodeProto& node = model.graph().node(i);
    if (!Reader::Reads(node)) unread.push_back({i, FullName(node)});
  }
  return unread;
}

absl::StatusOr<QuantisedNetwork> ReadOnnx(absl::string_view file) {
  onnx::ModelProto model;
  if (!Parse(file, model)) {
    return Malformed("file", "this is no ONNX file, or it is damaged or cut off");
  }
  NIWAKI_RETURN_IF_ERROR(CheckOpset(model));
  return Reader(model.graph()).Read();
}

}  // namespace niwaki::interchange
