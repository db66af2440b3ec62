// A TensorFlow Lite file that grows: tensors, buffers, operators and their codes. Base of the
// writer of operators.

#ifndef NIWAKI_LIBS_INTERCHANGE_TFLITE_MODEL_BUILDER_H_
#define NIWAKI_LIBS_INTERCHANGE_TFLITE_MODEL_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/model_generated.h"
#include "libs/interchange/tflite/operator_names.h"

namespace niwaki::interchange {

namespace schema = niwaki::tflite::schema;

class ModelBuilder {
 public:
  // Names of the file and of its one subgraph.
  ModelBuilder(const std::string& description, const std::string& name);
  ModelBuilder(const ModelBuilder&) = delete;
  ModelBuilder& operator=(const ModelBuilder&) = delete;

  schema::SubGraphT& subgraph() { return *model_.subgraphs[0]; }

  // Each returns the new tensor's index. Sizes are the tensor's, from the batch on.
  int AddFloat(const std::vector<int32_t>& sizes, const std::string& name);
  int AddInt8(const std::vector<int32_t>& sizes, const engine::Quantisation& quantisation,
              const std::string& name);
  // Constants. Scales are one for all, or one for each index of axis `channel_axis`.
  int AddConstant(const std::vector<int32_t>& sizes, const engine::Quantisation& quantisation,
                  const std::vector<int8_t>& values, const std::string& name);
  int AddWeights(const std::vector<int32_t>& sizes, const engine::QuantisedWeight& weight,
                 int channel_axis, const std::string& name);
  // In units of `input_scale` times the weights' scales.
  int AddBiases(const engine::QuantisedWeight& weight, float input_scale, const std::string& name);
  int AddIntegers(const std::vector<int32_t>& sizes, const std::vector<int32_t>& values,
                  const std::string& name);

  // The operator's number in the file.
  int operator_count() const { return static_cast<int>(model_.subgraphs[0]->operators.size()); }
  void AddOperator(TfliteOperator code, int version, const std::vector<int>& inputs, int output,
                   schema::BuiltinOptionsUnion options);

  // Bytes of all constants: what a file's offsets of 31 bits must reach over.
  int64_t data_bytes() const { return data_bytes_; }

  std::string Pack() const;

 private:
  int AddTensor(const std::vector<int32_t>& sizes, schema::TensorType type,
                const std::string& name);
  schema::TensorT& tensor(int index) { return *subgraph().tensors[index]; }
  void SetScales(int index, const std::vector<float>& scales, int64_t zero_point, int axis);
  void SetData(int index, const void* values, size_t bytes);
  uint32_t CodeOf(TfliteOperator code, int version);

  schema::ModelT model_;
  int64_t data_bytes_ = 0;
};

// The tables of options as the object that holds one of them.
template <typename Options>
schema::BuiltinOptionsUnion AsUnion(Options options) {
  schema::BuiltinOptionsUnion result;
  result.Set(std::move(options));
  return result;
}

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TFLITE_MODEL_BUILDER_H_
