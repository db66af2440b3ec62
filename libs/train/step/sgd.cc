#include "libs/train/step/sgd.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::train {
namespace {

bool Decays(const std::string& name) {
  return !absl::StrContains(name, ".bn.") && !absl::EndsWith(name, ".bias");
}

}  // namespace

Sgd::Sgd(supernet::SharedWeights* weights, const SgdOptions& options) : options_(options) {
  weights->ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse use) {
    if (use == supernet::TensorUse::kStatistic) return;
    tensor.set_requires_grad(true);
    tensor.mutable_grad() = at::Tensor();
    const double decay = Decays(name) ? options_.weight_decay : 0.0;
    entries_.push_back({name, tensor, at::zeros_like(tensor), decay});
  });
}

double Sgd::GradientNorm() const {
  std::vector<at::Tensor> norms;
  for (const Entry& entry : entries_) {
    if (entry.takes_part()) norms.push_back(entry.value.grad().norm().to(at::kDouble));
  }
  // One number off the device, not one for each tensor.
  return norms.empty() ? 0 : at::stack(norms).norm().item<double>();
}

double Sgd::Step(double learning_rate, double loss_scale) {
  c10::AutoGradMode no_gradients(false);
  const double norm = GradientNorm() / loss_scale;
  const bool finite = std::isfinite(norm);
  const double limit = options_.gradient_clip;
  const double scale = (limit > 0 && norm > limit ? limit / norm : 1.0) / loss_scale;
  for (Entry& entry : entries_) {
    if (!entry.takes_part()) continue;
    at::Tensor& gradient = entry.value.mutable_grad();
    if (finite) {
      gradient.mul_(scale).add_(entry.value, entry.weight_decay);
      entry.velocity.mul_(options_.momentum).add_(gradient);
      gradient.add_(entry.velocity, options_.momentum);
      entry.value.add_(gradient, -learning_rate);
    }
    gradient.zero_();
  }
  return norm;
}

void Sgd::Restart() {
  for (Entry& entry : entries_) {
    entry.velocity.zero_();
    entry.value.mutable_grad() = at::Tensor();
  }
}

void Sgd::ForEachVelocity(
    const std::function<void(const std::string& name, at::Tensor& velocity)>& visit) {
  for (Entry& entry : entries_) {
    if (entry.takes_part()) visit(entry.name, entry.velocity);
  }
}

void Sgd::TakePart(const std::vector<std::string>& names) {
  for (Entry& entry : entries_) {
    if (std::find(names.begin(), names.end(), entry.name) == names.end()) continue;
    entry.value.mutable_grad() = at::zeros_like(entry.value);
  }
}

void Sgd::Save(TensorWriter& writer) const {
  for (const Entry& entry : entries_) {
    if (entry.takes_part()) writer.Add(absl::StrCat(kOptimizerPrefix, entry.name), entry.velocity);
  }
}

absl::Status Sgd::Load(const tensorfile::TensorMap& tensors) {
  for (Entry& entry : entries_) {
    const std::string name = absl::StrCat(kOptimizerPrefix, entry.name);
    if (tensors.find(name) == tensors.end()) continue;
    at::Tensor velocity = at::empty(entry.value.sizes(), at::kFloat);
    NIWAKI_RETURN_IF_ERROR(ReadTensor(tensors, name, velocity));
    entry.velocity.copy_(velocity);
    TakePart({entry.name});
  }
  return absl::OkStatus();
}

}  // namespace niwaki::train
