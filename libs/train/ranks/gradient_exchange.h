// GradientExchange: how the processes of one training agree.
//
// Every method is called by all of them in the same order; it returns when each has done its part.
// Not thread-safe.

#ifndef NIWAKI_LIBS_TRAIN_RANKS_GRADIENT_EXCHANGE_H_
#define NIWAKI_LIBS_TRAIN_RANKS_GRADIENT_EXCHANGE_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"

namespace niwaki::train {

class GradientExchange {
 public:
  virtual ~GradientExchange() = default;

  virtual int rank() const = 0;
  virtual int world_size() const = 0;

  // Replaces `values` [n], float32 or float64, contiguous, of the same length everywhere, by the
  // sum over the processes. The order of addition is that of PairwiseOrder over the ranks, so the
  // bits are the same everywhere and in every run. Unavailable with reason SERVICE_UNAVAILABLE when
  // another process is gone or silent.
  virtual absl::Status Sum(at::Tensor& values) = 0;

  // Replaces `values` [n] by those of rank 0. The errors of Sum.
  virtual absl::Status Broadcast(at::Tensor& values) = 0;
};

// The exchange of a training in one process.
class SingleProcess : public GradientExchange {
 public:
  int rank() const override { return 0; }
  int world_size() const override { return 1; }
  absl::Status Sum(at::Tensor&) override { return absl::OkStatus(); }
  absl::Status Broadcast(at::Tensor&) override { return absl::OkStatus(); }
};

// The order in which n summands are added: calls `add(into, from)` so that neighbours are joined,
// then neighbouring pairs, and so on; summand 0 holds the sum at the end. Halves of a power of two
// are summed the same way as alone: ranks that sum their own part first change no bit.
void PairwiseOrder(int n, const std::function<void(int into, int from)>& add);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RANKS_GRADIENT_EXCHANGE_H_
