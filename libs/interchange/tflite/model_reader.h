// The parts that every operator of a TensorFlow Lite file is read with: its tensors as tensors of a
// graph, its window, weights and constants, and errors that say which operator was wrong.

#ifndef NIWAKI_LIBS_INTERCHANGE_TFLITE_MODEL_READER_H_
#define NIWAKI_LIBS_INTERCHANGE_TFLITE_MODEL_READER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "flatbuffers/flatbuffers.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/model_generated.h"

namespace niwaki::interchange {

namespace schema = niwaki::tflite::schema;

// A verified file of one subgraph; `network_` grows as operators are read, in the file's order.
// Base of the reader of operators.
class ModelReader {
 public:
  ModelReader(const ModelReader&) = delete;
  ModelReader& operator=(const ModelReader&) = delete;

 protected:
  ModelReader(const schema::Model& model, const schema::SubGraph& subgraph)
      : model_(model), subgraph_(subgraph), ids_(subgraph.tensors()->size(), -1) {}
  ~ModelReader() = default;

  arch::Graph& graph() { return network_.graph; }

  // InvalidArgument that names the operator being read, the field, its value and what is read.
  absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit,
                     absl::string_view message) const;

  // The one tensor of the network's inputs or outputs.
  absl::StatusOr<int> OnlyOne(absl::string_view what, const flatbuffers::Vector<int32_t>* list);

  absl::Status NoTensor(absl::string_view what, int index) const;

  const schema::Tensor& tensor(int index) const { return *subgraph_.tensors()->Get(index); }

  // Bytes that the file holds for a tensor; empty for one that is computed.
  absl::Span<const uint8_t> DataOf(const schema::Tensor& tensor) const;

  std::vector<int64_t> AxesOf(const schema::Tensor& tensor) const;

  // Height, width and channels of a tensor, whose batch, where it has one, is 1.
  absl::StatusOr<arch::TensorShape> ShapeOf(absl::string_view what,
                                            const schema::Tensor& tensor) const;

  absl::StatusOr<engine::Quantisation> QuantisationOf(absl::string_view what,
                                                      const schema::Tensor& tensor) const;

  // A tensor of the graph for the file's tensor `index`.
  absl::StatusOr<arch::TensorId> NewTensor(absl::string_view what, int index);

  int InputCount() const {
    return operator_->inputs() == nullptr ? 0 : static_cast<int>(operator_->inputs()->size());
  }

  // The file's tensor that input `position` is.
  absl::StatusOr<int> FileTensor(int position) const;

  // The graph's tensor that input `position` reads; a constant becomes one.
  absl::StatusOr<arch::TensorId> Input(int position, bool is_float = false);

  // The constant int32 values of input `position`: axes, paddings, orders.
  absl::StatusOr<std::vector<int32_t>> Integers(int position) const;

  absl::StatusOr<arch::TensorId> Output(bool is_float = false);

  template <typename Options>
  absl::StatusOr<const Options*> OptionsOf() const {
    const Options* options = operator_->builtin_options_as<Options>();
    if (options == nullptr) {
      return Wrong("options", static_cast<int>(operator_->builtin_options_type()), "",
                   "the operator's options are missing or another operator's");
    }
    return options;
  }

  absl::StatusOr<arch::OpActivation> ActivationOf(schema::Activation activation) const;

  // Kernel, stride and padding of `op`, whose input and output are known.
  absl::Status SetWindow(arch::Op& op, int64_t kernel_h, int64_t kernel_w, int64_t stride_h,
                         int64_t stride_w, schema::Padding padding) const;

  // SAME pads what the last window needs, the smaller half before: TensorFlow's rule. Checks the
  // output's size.
  absl::Status SetAxis(absl::string_view name, int64_t in, int64_t out, int64_t kernel,
                       int64_t stride, schema::Padding padding, uint8_t& before,
                       uint8_t& after) const;

  absl::Status RefuseDilation(int height, int width) const;

  absl::Status ExpectShape(arch::TensorId id, const arch::TensorShape& expected) const;

  // Weights of input 1 and biases of input 2. `axes`: the shape that the weights must have.
  absl::Status ReadWeights(arch::Op& op, const std::vector<int64_t>& axes, int channel_axis);

  absl::Status ReadWeightScales(const schema::Tensor& from, int64_t channels, int channel_axis,
                                engine::QuantisedWeight& weight) const;

  absl::Status ReadBiases(int channels, engine::QuantisedWeight& weight) const;

  // Whether an int32 holds every sum that levels and these weights can make.
  absl::Status CheckSums(const engine::QuantisedWeight& weight, bool channels_outermost) const;

  const schema::Model& model_;
  const schema::SubGraph& subgraph_;
  engine::QuantisedNetwork network_;
  // By the file's tensor index: the graph's, or -1 while nothing has written it.
  std::vector<arch::TensorId> ids_;
  // By TensorId.
  std::vector<bool> float_;
  // What is being read.
  const schema::Operator* operator_ = nullptr;
  int index_ = 0;
  int code_ = -1;
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TFLITE_MODEL_READER_H_
