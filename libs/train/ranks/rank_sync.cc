#include "libs/train/ranks/rank_sync.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstring>

#include "libs/base/status_macros.h"

namespace niwaki::train {

absl::Status BroadcastText(GradientExchange& exchange, std::string& text) {
  if (exchange.world_size() == 1) return absl::OkStatus();
  at::Tensor length = at::full({1}, static_cast<int64_t>(text.size()), at::kLong);
  NIWAKI_RETURN_IF_ERROR(exchange.Broadcast(length));
  text.resize(length.item<int64_t>());
  // An empty tensor has no address to copy from or to.
  if (text.empty()) return absl::OkStatus();
  at::Tensor bytes = at::empty({static_cast<int64_t>(text.size())}, at::kByte);
  std::memcpy(bytes.data_ptr(), text.data(), text.size());
  NIWAKI_RETURN_IF_ERROR(exchange.Broadcast(bytes));
  std::memcpy(text.data(), bytes.data_ptr(), text.size());
  return absl::OkStatus();
}

// In the form that every backend takes: one dimension, contiguous.
absl::Status BroadcastTensor(GradientExchange& exchange, at::Tensor& tensor) {
  c10::AutoGradMode no_gradients(false);
  at::Tensor flat = tensor.detach().reshape({-1}).clone();
  NIWAKI_RETURN_IF_ERROR(exchange.Broadcast(flat));
  tensor.detach().copy_(flat.view(tensor.sizes()));
  return absl::OkStatus();
}

absl::Status BroadcastWeights(GradientExchange& exchange, supernet::SharedWeights& weights) {
  absl::Status status;
  weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
    if (status.ok()) status = BroadcastTensor(exchange, tensor);
  });
  return status;
}

}  // namespace niwaki::train
