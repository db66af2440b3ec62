// What an evaluation counts, on the host and on the device of the logits.

#ifndef NIWAKI_LIBS_SUPERNET_SCORING_TALLY_H_
#define NIWAKI_LIBS_SUPERNET_SCORING_TALLY_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "absl/types/span.h"

namespace niwaki::supernet {

// Sums over images. An image counts for top1 when no class has a larger logit than its label; ties
// go to the lower class.
struct Tally {
  int64_t top1 = 0;
  int64_t top5 = 0;
  // Cross entropy in nats.
  double loss = 0;
  bool finite = true;

  void Add(const Tally& other);
};

// Of `logits` [N, classes] on the CPU, with N labels; in double precision.
Tally TallyOf(const at::Tensor& logits, absl::Span<const int64_t> labels);

// The same as [top1, top5, loss] float64 on the device of `logits`, nothing of which waits for the
// device. `labels` [N] int64, there too. The loss is summed from float32 terms.
at::Tensor TallyOnDevice(const at::Tensor& logits, const at::Tensor& labels);

// Sum of results of TallyOnDevice: one copy to the host.
Tally Collect(const at::Tensor& tallies);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SCORING_TALLY_H_
