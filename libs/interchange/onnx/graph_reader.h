// The parts that every node of an ONNX file is read with: its values as tensors of a graph or as
// constants, its attributes, and errors that say which node was wrong.
//
// Between a DequantizeLinear and a QuantizeLinear an ONNX network computes real numbers. A node
// that computes is therefore kept back (PendingOp) until a QuantizeLinear says at which scale its
// output is held; activations that follow it join it meanwhile.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_GRAPH_READER_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_GRAPH_READER_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/constant.h"
#include "libs/interchange/onnx/onnx_proto.h"
#include "libs/interchange/onnx/tensor_view.h"

namespace niwaki::interchange {

// At which scales an operator's kernel gives its output.
enum class OutputScale : uint8_t {
  // Any.
  kAny,
  // That of its inputs.
  kOfInput,
  // 1/256, zero point -128.
  kUnit,
};

// An operator without the scale of its output.
struct PendingOp {
  arch::Op op;
  arch::TensorShape shape;
  // Of kinds that have one.
  std::optional<arch::OpExtra> extra;
  std::shared_ptr<const engine::QuantisedWeight> weight;
  OutputScale scale = OutputScale::kAny;
  // The scale where no QuantizeLinear says one; without it that is an error.
  std::optional<engine::Quantisation> usual;
  // A product whose bias may follow as an addition.
  bool lacks_bias = false;
};

struct Value {
  enum class Kind : uint8_t {
    kConstant,
    // int8 or uint8.
    kLevels,
    // What a DequantizeLinear makes of levels.
    kReal,
    // The network's input before its QuantizeLinear.
    kFloat,
    kPending,
  };
  Kind kind = Kind::kConstant;
  std::shared_ptr<const Constant> constant;
  std::shared_ptr<const PendingOp> pending;
  // Of levels, reals and floats; of a pending operator once it is one of the graph, or -1.
  arch::TensorId tensor = -1;
  // Of all but constants.
  TensorView view;
  // Levels: held less 128.
  bool is_unsigned = false;
};

// Scale and zero point as a QuantizeLinear or DequantizeLinear has them.
struct NodeScales {
  std::vector<float> scales;
  int32_t zero_point = 0;
  ConstantType type = ConstantType::kUint8;
};

// A parsed file; `network_` grows as nodes are read, in the file's order. Base of the reader of
// nodes.
class GraphReader {
 public:
  GraphReader(const GraphReader&) = delete;
  GraphReader& operator=(const GraphReader&) = delete;

 protected:
  explicit GraphReader(const onnx::GraphProto& graph) : file_(graph) {}
  ~GraphReader() = default;

  arch::Graph& graph() { return network_.graph; }

  // InvalidArgument that names the node being read by index, operator and name.
  absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit,
                     absl::string_view message) const;

  // Initializers, and the one input.
  absl::Status ReadConstants();
  absl::Status ReadNetworkInput();

  // Attributes, or what stands where they are left out.
  const onnx::AttributeProto* FindAttribute(absl::string_view name) const;
  int64_t Integer(absl::string_view name, int64_t usual) const;
  float Float(absl::string_view name, float usual) const;
  std::string Text(absl::string_view name, absl::string_view usual) const;
  std::vector<int64_t> Integers(absl::string_view name, const std::vector<int64_t>& usual) const;

  bool HasInput(int position) const {
    return position < node_->input_size() && !node_->input(position).empty();
  }
  // A value that is there.
  absl::StatusOr<Value*> Input(int position);
  absl::StatusOr<std::shared_ptr<const Constant>> ConstantInput(int position);
  // A constant of int64 or int32 values.
  absl::StatusOr<std::vector<int64_t>> IntegerInput(int position);

  // Real numbers that lie as levels in a tensor: what waits for a scale and has a usual one becomes
  // an operator of the graph, a quantised constant becomes a constant tensor.
  absl::StatusOr<Value*> RealInput(int position);
  // The tensor of RealInput in its usual shape and order (TensorView).
  absl::StatusOr<arch::TensorId> TensorInput(int position);

  absl::Status SetOutput(const Value& value);
  absl::Status SetConstant(Constant constant);
  // `op` waits for its scale; its output is an image as wide as `sizes` (ONNX's order) say.
  absl::Status SetPending(PendingOp pending, const std::vector<int64_t>& sizes);

  absl::StatusOr<NodeScales> ScalesOfNode();
  absl::StatusOr<engine::Quantisation> OneScale(const NodeScales& scales) const;

  // Moves what a view says into the usual order: at most a transpose and reshapes. The value then
  // is that of the new tensor.
  absl::StatusOr<arch::TensorId> Arrange(Value& value);

  // `pending` as an operator of the graph whose output has this scale.
  absl::StatusOr<arch::TensorId> Emit(const PendingOp& pending,
                                      const engine::Quantisation& quantisation);
  // One operator of one input behind the others.
  arch::TensorId Append(arch::OpKind kind, arch::TensorId input, const arch::TensorShape& shape,
                        const engine::Quantisation& quantisation);

  arch::TensorId NewTensor(const arch::TensorShape& shape,
                           const std::optional<engine::Quantisation>& quantisation);
  const engine::Quantisation& Scale(arch::TensorId id) const { return network_.tensors[id]; }
  // Whether anything has said the scale of a tensor.
  bool HasScale(arch::TensorId id) const { return has_scale_[id]; }
  void SetScale(arch::TensorId id, const engine::Quantisation& quantisation) {
    network_.tensors[id] = quantisation;
    has_scale_[id] = true;
  }

  // Errors for sizes that no tensor of ours has.
  absl::Status CheckSizes(absl::string_view what, const std::vector<int64_t>& sizes) const;

  // Counts what is made of constants, so that a small file does not fill the memory.
  absl::Status Spend(int64_t elements);

  // The value that the network gives, which something must have made.
  absl::StatusOr<Value*> NetworkOutput();

  const onnx::GraphProto& file_;
  engine::QuantisedNetwork network_;
  std::map<std::string, Value> values_;
  // By TensorId.
  std::vector<bool> has_scale_;
  int64_t spent_ = 0;
  // What is being read.
  const onnx::NodeProto* node_ = nullptr;
  int index_ = 0;

 private:
  absl::StatusOr<arch::TensorId> ConstantTensor(const Constant& constant);
  arch::TensorId Transpose(arch::TensorId input, const arch::TensorShape& shape,
                           const std::array<int8_t, 3>& order);
  // Brings stretches of the memory of `input`, two or three, into the order of `factors`.
  absl::StatusOr<arch::TensorId> TransposeStretches(arch::TensorId input,
                                                    const std::vector<TensorView::Factor>& factors);
  absl::Status EmitConcat(PendingOp& pending, const engine::Quantisation& quantisation);
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_GRAPH_READER_H_
