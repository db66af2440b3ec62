#include "libs/train/training_checkpoint.h"

#include <ATen/ATen.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/torch_guard.h"
#include "libs/train/checkpoint/tensor_io.h"

namespace niwaki::train {
namespace {

void AddWeights(const supernet::SharedWeights& weights, absl::string_view prefix,
                TensorWriter& writer) {
  weights.ForEach([&](const std::string& name, const at::Tensor& tensor) {
    writer.Add(absl::StrCat(prefix, name), tensor);
  });
}

}  // namespace

absl::Status SaveTraining(const std::string& path, const TrainingParts& parts) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, supernet::GuardTorch("save checkpoint", [&] {
                            TensorWriter writer;
                            AddWeights(*parts.weights, "", writer);
                            parts.sgd->Save(writer);
                            if (parts.teacher != nullptr)
                              AddWeights(*parts.teacher, kTeacherPrefix, writer);
                            return writer.Serialize({{kManifestKey, parts.manifest->ToJson()},
                                                     {kTrainingKey, parts.state->ToJson()}});
                          }));
  return WriteFileAtomically(path, bytes);
}

absl::Status LoadTeacher(const tensorfile::TensorMap& tensors, supernet::SharedWeights& teacher) {
  absl::Status status;
  teacher.ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
    if (!status.ok()) return;
    at::Tensor read = at::empty(tensor.sizes(), at::kFloat);
    status = ReadTensor(tensors, absl::StrCat(kTeacherPrefix, name), read);
    if (status.ok()) tensor.copy_(read);
  });
  return status;
}

}  // namespace niwaki::train
