#include "libs/train/checkpoint/tensor_io.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::train {
namespace {

absl::Status BadTensor(const std::string& name, const std::string& actual,
                       const std::string& expected, absl::string_view problem) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(name)
      .Value(actual)
      .Limit(expected)
      .Message(absl::StrCat("tensor ", name, " ", problem));
}

tensorfile::TensorView ViewOf(const at::Tensor& tensor) {
  tensorfile::TensorView view;
  view.shape = tensor.sizes().vec();
  view.bytes = absl::string_view(reinterpret_cast<const char*>(tensor.data_ptr<float>()),
                                 tensor.numel() * sizeof(float));
  return view;
}

}  // namespace

void TensorWriter::Add(const std::string& name, const at::Tensor& tensor) {
  kept_.push_back(tensor.detach().to(at::kCPU, at::kFloat).contiguous());
  views_[name] = ViewOf(kept_.back());
}

absl::Status ReadTensor(const tensorfile::TensorMap& tensors, const std::string& name,
                        at::Tensor& target) {
  const std::string expected = Describe(ViewOf(target));
  const auto it = tensors.find(name);
  if (it == tensors.end()) {
    return BadTensor(name, "", expected, absl::StrCat("is missing; expected ", expected));
  }
  const tensorfile::TensorView& view = it->second;
  if (view.dtype != tensorfile::Dtype::kF32 || at::IntArrayRef(view.shape) != target.sizes()) {
    return BadTensor(name, Describe(view), expected,
                     absl::StrCat("is ", Describe(view), ", expected ", expected));
  }
  float* values = target.data_ptr<float>();
  // An empty tensor has no address.
  if (target.numel() > 0) std::memcpy(values, view.bytes.data(), view.bytes.size());
  for (int64_t i = 0; i < target.numel(); ++i) {
    if (std::isfinite(values[i])) continue;
    return BadTensor(name, absl::StrCat(values[i]), "finite",
                     absl::StrCat(expected, " holds ", values[i], " at element ", i));
  }
  return absl::OkStatus();
}

absl::Status ReadWeights(const tensorfile::TensorMap& tensors, supernet::SharedWeights& weights) {
  absl::Status status;
  weights.ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
    if (status.ok()) status = ReadTensor(tensors, name, tensor);
  });
  return status;
}

}  // namespace niwaki::train
