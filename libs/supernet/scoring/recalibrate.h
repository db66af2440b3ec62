// Batch-norm statistics of one subnet, re-estimated from calibration images.
//
// A subnet's activations are distributed otherwise than those of the network its running statistics
// come from, so each subnet gets its own before it is evaluated (OFA, Cai 2020, §3.2;
// `set_running_statistics` of the reference). The shared weights are only read: statistics of many
// subnets may be estimated at once.

#ifndef NIWAKI_LIBS_SUPERNET_SCORING_RECALIBRATE_H_
#define NIWAKI_LIBS_SUPERNET_SCORING_RECALIBRATE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/supernet/forward.h"

namespace niwaki::supernet {

// What one batch contributes.
struct BatchContribution {
  BatchNormStatistics statistics;
  int64_t images = 0;
};

// The statistics of one batch [N, C, H, W]: every batch norm takes the batch's mean and biased
// variance over N, H and W and normalises with those, so that a batch's contribution depends on no
// other batch. Throws as LibTorch does.
BatchContribution ObserveBatch(const arch::Graph& graph, const std::vector<OpTensors>& tensors,
                               const at::Tensor& input, double eps);

// The average of contributions weighted by their images, in double precision and in the order
// given.
BatchNormStatistics AverageStatistics(absl::Span<const BatchContribution> batches);

// ObserveBatch on each of `batches`, averaged.
BatchNormStatistics RecalibrateBatchNorm(const arch::Graph& graph,
                                         const std::vector<OpTensors>& tensors,
                                         absl::Span<const at::Tensor> batches, double eps);

// `tensors` with `statistics` in place of the running statistics.
std::vector<OpTensors> WithStatistics(std::vector<OpTensors> tensors,
                                      const BatchNormStatistics& statistics);

// `tensors` without batch norm: its scale goes into the weight, its shift into the bias. The
// function computed is the same up to rounding; the arithmetic is in double precision.
std::vector<OpTensors> FoldBatchNorm(const std::vector<OpTensors>& tensors, double eps);

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_SCORING_RECALIBRATE_H_
