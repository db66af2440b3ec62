#include "libs/train/rank_sync.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstring>

#include "libs/base/status_macros.h"

namespace niwaki::train {
namespace {

// In the form that every backend takes: one dimension, contiguous.
absl::Status BroadcastTensor(GradientExchange& exchange, at::Tensor& tensor) {
  at::Tensor flat = tensor.detach().reshape({-1}).clone();
  NIWAKI_RETURN_IF_ERROR(exchange.Broadcast(flat));
  tensor.detach().copy_(flat.view(tensor.sizes()));
  return absl::OkStatus();
}

}  // namespace

absl::Status BroadcastText(GradientExchange& exchange, std::string& text) {
  if (exchange.world_size() == 1) return absl::OkStatus();
  at::Tensor length = at::full({1}, static_cast<int64_t>(text.size()), at::kLong);
  NIWAKI_RETURN_IF_ERROR(exchange.Broadcast(length));
  const auto size = length.item<int64_t>();
  if (size == 0) {
    text.clear();
    return absl::OkStatus();
  }
  at::Tensor bytes = at::zeros({size}, at::kByte);
  if (exchange.rank() == 0) std::memcpy(bytes.data_ptr(), text.data(), text.size());
  NIWAKI_RETURN_IF_ERROR(exchange.Broadcast(bytes));
  text.assign(static_cast<const char*>(bytes.data_ptr()), bytes.numel());
  return absl::OkStatus();
}

absl::Status BroadcastWeights(GradientExchange& exchange, supernet::SharedWeights& weights) {
  c10::AutoGradMode no_gradients(false);
  absl::Status status;
  weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
    if (status.ok()) status = BroadcastTensor(exchange, tensor);
  });
  return status;
}

absl::Status BroadcastMomentum(GradientExchange& exchange, Sgd& sgd) {
  c10::AutoGradMode no_gradients(false);
  absl::Status status;
  sgd.ForEachVelocity([&](const std::string&, at::Tensor& velocity) {
    if (status.ok()) status = BroadcastTensor(exchange, velocity);
  });
  return status;
}

}  // namespace niwaki::train
