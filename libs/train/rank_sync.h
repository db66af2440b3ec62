// What rank 0 tells the other processes of a training before it begins.

#ifndef NIWAKI_LIBS_TRAIN_RANK_SYNC_H_
#define NIWAKI_LIBS_TRAIN_RANK_SYNC_H_

#include <string>

#include "absl/status/status.h"
#include "libs/supernet/weights.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/step/sgd.h"

namespace niwaki::train {

// `text` becomes rank 0's. Throws as LibTorch does; the errors of GradientExchange.
absl::Status BroadcastText(GradientExchange& exchange, std::string& text);

// Every tensor becomes rank 0's.
absl::Status BroadcastWeights(GradientExchange& exchange, supernet::SharedWeights& weights);

// The momentum of the tensors that take part becomes rank 0's; they are the same everywhere.
absl::Status BroadcastMomentum(GradientExchange& exchange, Sgd& sgd);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RANK_SYNC_H_
