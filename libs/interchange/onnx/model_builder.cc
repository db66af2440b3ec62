#include "libs/interchange/onnx/model_builder.h"

#include "absl/strings/str_cat.h"

namespace niwaki::interchange {
namespace {

// Opset 13 came with version 7 of the format.
constexpr int64_t kFormatVersion = 7;
constexpr int64_t kOpset = 13;

template <typename T>
absl::string_view Bytes(absl::Span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

onnx::AttributeProto& AddAttribute(onnx::NodeProto& node, const std::string& name,
                                   onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

void SetValueInfo(onnx::ValueInfoProto& info, const std::string& name, bool is_float,
                  const std::vector<int64_t>& sizes) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(is_float ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT8);
  tensor.mutable_shape();
  for (const int64_t size : sizes) tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

}  // namespace

OnnxBuilder::OnnxBuilder(absl::string_view producer, absl::string_view name) {
  model_.set_ir_version(kFormatVersion);
  model_.set_producer_name(std::string(producer));
  onnx::OperatorSetIdProto& set = *model_.add_opset_import();
  set.set_domain("");
  set.set_version(kOpset);
  model_.mutable_graph()->set_name(std::string(name));
}

std::string OnnxBuilder::AddConstant(const std::string& name, int type, absl::string_view bytes,
                                     const std::vector<int64_t>& sizes) {
  onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const int64_t size : sizes) tensor.add_dims(size);
  tensor.set_raw_data(std::string(bytes));
  data_bytes_ += static_cast<int64_t>(bytes.size());
  return name;
}

std::string OnnxBuilder::AddFloats(const std::string& name, absl::Span<const float> values,
                                   const std::vector<int64_t>& sizes) {
  return AddConstant(name, onnx::TensorProto::FLOAT, Bytes(values), sizes);
}

std::string OnnxBuilder::AddInt8(const std::string& name, absl::Span<const int8_t> values,
                                 const std::vector<int64_t>& sizes) {
  return AddConstant(name, onnx::TensorProto::INT8, Bytes(values), sizes);
}

std::string OnnxBuilder::AddInt32(const std::string& name, absl::Span<const int32_t> values,
                                  const std::vector<int64_t>& sizes) {
  return AddConstant(name, onnx::TensorProto::INT32, Bytes(values), sizes);
}

std::string OnnxBuilder::AddIntegers(const std::string& name, const std::vector<int64_t>& values) {
  return AddConstant(name, onnx::TensorProto::INT64, Bytes(absl::MakeConstSpan(values)),
                     {static_cast<int64_t>(values.size())});
}

onnx::NodeProto& OnnxBuilder::AddNode(const std::string& op_type,
                                      const std::vector<std::string>& inputs,
                                      const std::string& output) {
  onnx::NodeProto& node = *model_.mutable_graph()->add_node();
  node.set_name(absl::StrCat(node_count() - 1, "/", op_type));
  node.set_op_type(op_type);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

void OnnxBuilder::SetInteger(onnx::NodeProto& node, const std::string& name, int64_t value) {
  AddAttribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void OnnxBuilder::SetFloat(onnx::NodeProto& node, const std::string& name, float value) {
  AddAttribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void OnnxBuilder::SetText(onnx::NodeProto& node, const std::string& name,
                          const std::string& value) {
  AddAttribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}

void OnnxBuilder::SetIntegers(onnx::NodeProto& node, const std::string& name,
                              const std::vector<int64_t>& values) {
  onnx::AttributeProto& attribute = AddAttribute(node, name, onnx::AttributeProto::INTS);
  for (const int64_t value : values) attribute.add_ints(value);
}

void OnnxBuilder::SetInput(const std::string& name, bool is_float,
                           const std::vector<int64_t>& sizes) {
  SetValueInfo(*model_.mutable_graph()->add_input(), name, is_float, sizes);
}

void OnnxBuilder::SetOutput(const std::string& name, bool is_float,
                            const std::vector<int64_t>& sizes) {
  SetValueInfo(*model_.mutable_graph()->add_output(), name, is_float, sizes);
}

}  // namespace niwaki::interchange
