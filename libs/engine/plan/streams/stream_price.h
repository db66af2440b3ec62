// What an operator costs more when it runs row after row: the second aim of schedules.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_
#define NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_

#include <cstdint>

#include "libs/arch/graph.h"

namespace niwaki::engine {

// Instructions of the kernels, roughly, by what can be counted: for comparing schedules of one
// network, not for latency.
struct StreamPrices {
  // A call: finding the row, its places in rings, the kernel's prologue.
  int64_t call = 160;
  // Hundredths an element of input that a depthwise kernel widens. A row's widening is done again
  // for every row of output that reads it.
  int64_t widen_input = 150;
  // Hundredths a weight of a pointwise kernel, which are widened once for a chunk of pixels: a row
  // shorter than one widens more often.
  int64_t widen_weight = 75;
  int chunk_pixels = 40;
  // Hundredths a multiply-accumulate, and an element of output.
  int64_t mac = 110;
  int64_t output = 800;
};

// Of `op` when all its rows are computed by one call.
int64_t WholeInstructions(const arch::Graph& graph, const arch::Op& op,
                          const StreamPrices& prices = {});

// What is added where each call computes one row; at least 0.
int64_t StreamingInstructions(const arch::Graph& graph, const arch::Op& op,
                              const StreamPrices& prices = {});

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_
