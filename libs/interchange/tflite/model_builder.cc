#include "libs/interchange/tflite/model_builder.h"

#include <algorithm>
#include <memory>

#include "flatbuffers/flatbuffers.h"

namespace niwaki::interchange {
namespace {

constexpr uint32_t kVersion = 3;
// Where the operator's number is beyond it, the narrow field says so.
constexpr int kNarrowCodes = 127;

}  // namespace

ModelBuilder::ModelBuilder(const std::string& description, const std::string& name) {
  model_.version = kVersion;
  model_.description = description;
  model_.subgraphs.push_back(std::make_unique<schema::SubGraphT>());
  subgraph().name = name;
  // The first buffer is empty, by the format's convention: tensors without data name it.
  model_.buffers.push_back(std::make_unique<schema::BufferT>());
}

int ModelBuilder::AddTensor(const std::vector<int32_t>& sizes, schema::TensorType type,
                            const std::string& name) {
  auto tensor = std::make_unique<schema::TensorT>();
  tensor->shape = sizes;
  tensor->type = type;
  tensor->name = name;
  subgraph().tensors.push_back(std::move(tensor));
  return static_cast<int>(subgraph().tensors.size()) - 1;
}

void ModelBuilder::SetScales(int index, const std::vector<float>& scales, int64_t zero_point,
                             int axis) {
  auto parameters = std::make_unique<schema::QuantizationParametersT>();
  parameters->scale = scales;
  parameters->zero_point.assign(scales.size(), zero_point);
  parameters->quantized_dimension = axis;
  tensor(index).quantization = std::move(parameters);
}

void ModelBuilder::SetData(int index, const void* values, size_t bytes) {
  auto buffer = std::make_unique<schema::BufferT>();
  const uint8_t* const first = static_cast<const uint8_t*>(values);
  buffer->data.assign(first, first + bytes);
  tensor(index).buffer = static_cast<uint32_t>(model_.buffers.size());
  model_.buffers.push_back(std::move(buffer));
  data_bytes_ += static_cast<int64_t>(bytes);
}

int ModelBuilder::AddFloat(const std::vector<int32_t>& sizes, const std::string& name) {
  return AddTensor(sizes, schema::TensorType_FLOAT32, name);
}

int ModelBuilder::AddInt8(const std::vector<int32_t>& sizes,
                          const engine::Quantisation& quantisation, const std::string& name) {
  const int index = AddTensor(sizes, schema::TensorType_INT8, name);
  SetScales(index, {quantisation.scale}, quantisation.zero_point, 0);
  return index;
}

int ModelBuilder::AddConstant(const std::vector<int32_t>& sizes,
                              const engine::Quantisation& quantisation,
                              const std::vector<int8_t>& values, const std::string& name) {
  const int index = AddInt8(sizes, quantisation, name);
  SetData(index, values.data(), values.size());
  return index;
}

int ModelBuilder::AddWeights(const std::vector<int32_t>& sizes,
                             const engine::QuantisedWeight& weight, int channel_axis,
                             const std::string& name) {
  const int index = AddTensor(sizes, schema::TensorType_INT8, name);
  SetScales(index, weight.scales, 0, channel_axis);
  SetData(index, weight.values.data(), weight.values.size());
  return index;
}

int ModelBuilder::AddBiases(const engine::QuantisedWeight& weight, float input_scale,
                            const std::string& name) {
  const int index =
      AddTensor({static_cast<int32_t>(weight.biases.size())}, schema::TensorType_INT32, name);
  std::vector<float> scales;
  scales.reserve(weight.scales.size());
  for (const float scale : weight.scales) scales.push_back(input_scale * scale);
  SetScales(index, scales, 0, 0);
  SetData(index, weight.biases.data(), weight.biases.size() * sizeof(int32_t));
  return index;
}

int ModelBuilder::AddIntegers(const std::vector<int32_t>& sizes, const std::vector<int32_t>& values,
                              const std::string& name) {
  const int index = AddTensor(sizes, schema::TensorType_INT32, name);
  SetData(index, values.data(), values.size() * sizeof(int32_t));
  return index;
}

uint32_t ModelBuilder::CodeOf(TfliteOperator code, int version) {
  const int number = static_cast<int>(code);
  for (size_t i = 0; i < model_.operator_codes.size(); ++i) {
    const schema::OperatorCodeT& known = *model_.operator_codes[i];
    if (known.builtin_code == number && known.version == version) return static_cast<uint32_t>(i);
  }
  auto added = std::make_unique<schema::OperatorCodeT>();
  added->deprecated_builtin_code = static_cast<int8_t>(std::min(number, kNarrowCodes));
  added->builtin_code = number;
  added->version = version;
  model_.operator_codes.push_back(std::move(added));
  return static_cast<uint32_t>(model_.operator_codes.size() - 1);
}

void ModelBuilder::AddOperator(TfliteOperator code, int version, const std::vector<int>& inputs,
                               int output, schema::BuiltinOptionsUnion options) {
  auto added = std::make_unique<schema::OperatorT>();
  added->opcode_index = CodeOf(code, version);
  added->inputs = inputs;
  added->outputs = {output};
  added->builtin_options = std::move(options);
  subgraph().operators.push_back(std::move(added));
}

std::string ModelBuilder::Pack() const {
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishModelBuffer(builder, schema::CreateModel(builder, &model_));
  return std::string(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
}

}  // namespace niwaki::interchange
