// What rank 0 tells the other processes of a training before it begins.

#ifndef NIWAKI_LIBS_TRAIN_RANKS_RANK_SYNC_H_
#define NIWAKI_LIBS_TRAIN_RANKS_RANK_SYNC_H_

#include <ATen/core/Tensor.h>

#include <string>

#include "absl/status/status.h"
#include "libs/supernet/weights.h"
#include "libs/train/ranks/gradient_exchange.h"

namespace niwaki::train {

// `text` becomes rank 0's. Throws as LibTorch does; the errors of GradientExchange.
absl::Status BroadcastText(GradientExchange& exchange, std::string& text);

// `tensor`, of the same shape everywhere, takes rank 0's values in place. The errors of
// GradientExchange.
absl::Status BroadcastTensor(GradientExchange& exchange, at::Tensor& tensor);

// Every tensor takes rank 0's values.
absl::Status BroadcastWeights(GradientExchange& exchange, supernet::SharedWeights& weights);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RANKS_RANK_SYNC_H_
