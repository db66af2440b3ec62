// TensorFlow Lite files for tests, made by the format's own builder.

#ifndef NIWAKI_LIBS_INTERCHANGE_TFLITE_TEST_MODEL_H_
#define NIWAKI_LIBS_INTERCHANGE_TFLITE_TEST_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#include "libs/interchange/tflite/model_generated.h"
#include "libs/interchange/tflite/operator_names.h"

namespace niwaki::interchange {

namespace schema = niwaki::tflite::schema;

// A file as tables that can be changed before it is packed.
class TestModel {
 public:
  TestModel() {
    model_.version = 3;
    model_.subgraphs.push_back(std::make_unique<schema::SubGraphT>());
    // The first buffer is empty, by the format's convention.
    model_.buffers.push_back(std::make_unique<schema::BufferT>());
  }

  schema::ModelT& model() { return model_; }
  schema::SubGraphT& subgraph() { return *model_.subgraphs[0]; }
  schema::TensorT& tensor(int index) { return *subgraph().tensors[index]; }
  schema::OperatorT& op(int index) { return *subgraph().operators[index]; }

  // An int8 tensor at one scale; returns its index.
  int Tensor(const std::vector<int32_t>& shape, float scale = 1, int64_t zero_point = 0) {
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->shape = shape;
    tensor->type = schema::TensorType_INT8;
    tensor->quantization = std::make_unique<schema::QuantizationParametersT>();
    tensor->quantization->scale = {scale};
    tensor->quantization->zero_point = {zero_point};
    subgraph().tensors.push_back(std::move(tensor));
    return static_cast<int>(subgraph().tensors.size()) - 1;
  }

  // Constants.
  int Values(const std::vector<int32_t>& shape, const std::vector<int8_t>& values) {
    const int index = Tensor(shape);
    SetData(index, values.data(), values.size());
    return index;
  }
  int Integers(const std::vector<int32_t>& values) {
    const int index = Tensor({static_cast<int32_t>(values.size())});
    tensor(index).type = schema::TensorType_INT32;
    tensor(index).quantization.reset();
    SetData(index, values.data(), 4 * values.size());
    return index;
  }

  template <typename Options>
  void Add(TfliteOperator code, const std::vector<int>& inputs, const std::vector<int>& outputs,
           const Options& options) {
    Add(code, inputs, outputs);
    op(static_cast<int>(subgraph().operators.size()) - 1).builtin_options.Set(Options(options));
  }
  void Add(TfliteOperator code, const std::vector<int>& inputs, const std::vector<int>& outputs) {
    auto operator_code = std::make_unique<schema::OperatorCodeT>();
    const int number = static_cast<int>(code);
    operator_code->deprecated_builtin_code = static_cast<int8_t>(number < 127 ? number : 127);
    operator_code->builtin_code = number;
    auto added = std::make_unique<schema::OperatorT>();
    added->opcode_index = static_cast<uint32_t>(model_.operator_codes.size());
    added->inputs = inputs;
    added->outputs = outputs;
    model_.operator_codes.push_back(std::move(operator_code));
    subgraph().operators.push_back(std::move(added));
  }

  std::string Pack() const {
    flatbuffers::FlatBufferBuilder builder;
    schema::FinishModelBuffer(builder, schema::CreateModel(builder, &model_));
    return std::string(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                       builder.GetSize());
  }

 private:
  void SetData(int index, const void* values, size_t size) {
    auto buffer = std::make_unique<schema::BufferT>();
    const uint8_t* const bytes = static_cast<const uint8_t*>(values);
    buffer->data.assign(bytes, bytes + size);
    tensor(index).buffer = static_cast<uint32_t>(model_.buffers.size());
    model_.buffers.push_back(std::move(buffer));
  }

  schema::ModelT model_;
};

// 4x4x1 through a 3x3 convolution of stride 2 with SAME padding, two filters: 2x2x2.
inline TestModel ConvolutionModel() {
  TestModel model;
  const int input = model.Tensor({1, 4, 4, 1}, 0.5F, -1);
  std::vector<int8_t> ones(9, 1);
  ones.insert(ones.end(), 9, 2);
  const int weights = model.Values({2, 3, 3, 1}, ones);
  const int biases = model.Integers({10, 20});
  const int output = model.Tensor({1, 2, 2, 2}, 1, 3);
  schema::Conv2DOptionsT options;
  options.padding = schema::Padding_SAME;
  options.stride_h = options.stride_w = 2;
  options.activation = schema::Activation_RELU;
  model.Add(TfliteOperator::kConv2d, {input, weights, biases}, {output}, options);
  model.subgraph().inputs = {input};
  model.subgraph().outputs = {output};
  return model;
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TFLITE_TEST_MODEL_H_
