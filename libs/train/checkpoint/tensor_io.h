// LibTorch tensors to and from safetensors views, checked.

#ifndef NIWAKI_LIBS_TRAIN_CHECKPOINT_TENSOR_IO_H_
#define NIWAKI_LIBS_TRAIN_CHECKPOINT_TENSOR_IO_H_

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"

namespace niwaki::train {

// Collects float32 tensors for SerializeSafetensors and keeps them alive meanwhile.
class TensorWriter {
 public:
  // Copies to a contiguous CPU tensor where needed.
  void Add(const std::string& name, const at::Tensor& tensor);
  std::string Serialize(const tensorfile::MetadataMap& metadata) const {
    return tensorfile::SerializeSafetensors(metadata, views_);
  }

 private:
  std::vector<at::Tensor> kept_;
  tensorfile::TensorMap views_;
};

// Copies the view `name` of `tensors` into `target`, a float32 CPU tensor of the shape expected.
// DataLoss with reason DATA_CORRUPT names the tensor, its dtype and shape and those expected, when
// it is missing or differs, or the first element that is not finite.
absl::Status ReadTensor(const tensorfile::TensorMap& tensors, const std::string& name,
                        at::Tensor& target);

// ReadTensor for every tensor of `weights`.
absl::Status ReadWeights(const tensorfile::TensorMap& tensors, supernet::SharedWeights& weights);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_CHECKPOINT_TENSOR_IO_H_
