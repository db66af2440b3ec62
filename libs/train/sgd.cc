#include "libs/train/sgd.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/train/training_state.h"

namespace niwaki::train {

Sgd::Sgd(supernet::SharedWeights* weights, const SgdOptions& options) : options_(options) {
  weights->ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse use) {
    if (use == supernet::TensorUse::kStatistic) return;
    tensor.set_requires_grad(true);
    tensor.mutable_grad() = at::zeros_like(tensor);
    const double decay = use == supernet::TensorUse::kDecayed ? options_.weight_decay : 0.0;
    entries_.push_back({name, tensor, at::zeros_like(tensor), decay});
  });
}

double Sgd::GradientNorm() const {
  double sum = 0;
  for (const Entry& entry : entries_) {
    const double norm = entry.value.grad().norm().item<double>();
    sum += norm * norm;
  }
  return std::sqrt(sum);
}

double Sgd::Step(double learning_rate) {
  c10::AutoGradMode no_gradients(false);
  const double norm = GradientNorm();
  const double limit = options_.gradient_clip;
  const double scale = limit > 0 && norm > limit ? limit / norm : 1.0;
  for (Entry& entry : entries_) {
    at::Tensor& gradient = entry.value.mutable_grad();
    gradient.mul_(scale).add_(entry.value, entry.weight_decay);
    entry.velocity.mul_(options_.momentum).add_(gradient);
    gradient.add_(entry.velocity, options_.momentum);
    entry.value.add_(gradient, -learning_rate);
    gradient.zero_();
  }
  return norm;
}

void Sgd::ResetMomentum() {
  for (Entry& entry : entries_) entry.velocity.zero_();
}

void Sgd::Save(TensorWriter& writer) const {
  for (const Entry& entry : entries_)
    writer.Add(absl::StrCat(kOptimizerPrefix, entry.name), entry.velocity);
}

absl::Status Sgd::Load(const tensorfile::TensorMap& tensors) {
  for (Entry& entry : entries_) {
    at::Tensor velocity = at::empty(entry.value.sizes(), at::kFloat);
    NIWAKI_RETURN_IF_ERROR(
        ReadTensor(tensors, absl::StrCat(kOptimizerPrefix, entry.name), velocity));
    entry.velocity.copy_(velocity);
  }
  return absl::OkStatus();
}

}  // namespace niwaki::train
