// ONNX files of a few nodes, as other programs write them: for tests of the reader.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_MODEL_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "libs/interchange/onnx/model_builder.h"
#include "libs/interchange/onnx/onnx_proto.h"

namespace niwaki::interchange {

// A file whose input is the floats `x`; uint8 levels unless it says otherwise.
class TestOnnx {
 public:
  explicit TestOnnx(const std::vector<int64_t>& sizes) : builder_("test", "net") {
    builder_.SetInput("x", /*is_float=*/true, sizes);
  }

  OnnxBuilder& builder() { return builder_; }

  std::string Node(const std::string& op_type, const std::vector<std::string>& inputs) {
    output_ = "v" + std::to_string(builder_.node_count());
    node_ = &builder_.AddNode(op_type, inputs, output_);
    return output_;
  }
  // The node that was added last.
  onnx::NodeProto& node() { return *node_; }

  std::string Scalar(float value) {
    return builder_.AddFloats("f" + std::to_string(constants_++), {value}, {});
  }

  // QuantizeLinear and DequantizeLinear with uint8 levels.
  std::string Requantise(const std::string& from, float scale, int zero_point) {
    const std::string factor = Scalar(scale);
    const std::string zero = Unsigned(zero_point);
    return Node("DequantizeLinear", {Node("QuantizeLinear", {from, factor, zero}), factor, zero});
  }

  // The real numbers of int8 weights with one scale for each position of axis 0.
  std::string Weights(const std::vector<int8_t>& values, const std::vector<int64_t>& sizes,
                      const std::vector<float>& scales, int axis = 0) {
    const std::string name = "w" + std::to_string(constants_++);
    const auto count = static_cast<int64_t>(scales.size());
    const std::vector<int8_t> zeros(scales.size(), 0);
    const std::string levels = builder_.AddInt8(name, values, sizes);
    const std::string factors = builder_.AddFloats(name + "s", scales, {count});
    const std::string zero = builder_.AddInt8(name + "z", zeros, {count});
    const std::string real = Node("DequantizeLinear", {levels, factors, zero});
    OnnxBuilder::SetInteger(node(), "axis", axis);
    return real;
  }

  // The file; its output is that of the node that was added last.
  std::string Pack() {
    builder_.SetOutput(output_, /*is_float=*/true, {});
    onnx::ModelProto model;
    model.ParseFromString(builder_.Serialize());
    for (const auto& [name, value] : unsigned_) {
      onnx::TensorProto& tensor = *model.mutable_graph()->add_initializer();
      tensor.set_name(name);
      tensor.set_data_type(onnx::TensorProto::UINT8);
      tensor.add_int32_data(value);
    }
    return model.SerializeAsString();
  }

 private:
  std::string Unsigned(int value) {
    const std::string name = "u" + std::to_string(constants_++);
    unsigned_.emplace_back(name, value);
    return name;
  }

  OnnxBuilder builder_;
  std::string output_;
  onnx::NodeProto* node_ = nullptr;
  std::vector<std::pair<std::string, int>> unsigned_;
  int constants_ = 0;
};

// A convolution of 1 x 1 with two outputs of a [1, 2, 1, 3] image.
inline TestOnnx ConvolutionOnnx() {
  TestOnnx model({1, 2, 1, 3});
  const std::string x = model.Requantise("x", 0.5F, 128);
  const std::string weights = model.Weights({1, 2, -3, 4}, {2, 2, 1, 1}, {0.25F, 0.5F});
  const std::string biases = model.builder().AddFloats("b", {0.5F, -1.0F}, {2});
  const std::string y = model.Node("Conv", {x, weights, biases});
  model.Requantise(model.Node("Relu", {y}), 0.125F, 0);
  return model;
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_TEST_MODEL_H_
