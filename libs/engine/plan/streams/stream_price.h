// What an operator costs more when it runs row after row: the second aim of schedules.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_
#define NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_

#include <cstdint>

#include "libs/arch/graph.h"

namespace niwaki::engine {

// Instructions of the kernels, roughly, by what can be counted: for comparing schedules of one
// network, and for the ratio of their times. Fitted on operators of the MCUNet networks whole and
// by rows, counted on an emulated Cortex-M7.
struct StreamPrices {
  // A call: finding the row, its places in rings, the kernel's prologue.
  int64_t call = 160;
  // A depthwise kernel's channel of a row of output, and hundredths an element of input that it
  // widens. A row's widening is done again for every row of output that reads it.
  int64_t channel_row = 450;
  int64_t widen_input = 600;
  // A pointwise kernel's chunk of pixels, for which the weights are widened once, and hundredths a
  // weight. Whole operators have room for chunks that are not counted; rows have that of a
  // segment's scratch memory.
  int64_t chunk = 300;
  int64_t widen_weight = 85;
  int chunk_pixels = 4;
  // Hundredths an element of output of a convolution with a larger window, in the same way.
  int64_t window_output = 2000;
  // Hundredths a multiply-accumulate, and an element of output.
  int64_t mac = 110;
  int64_t output = 800;
};

// Of `op` when all its rows are computed by one call.
int64_t WholeInstructions(const arch::Graph& graph, const arch::Op& op,
                          const StreamPrices& prices = {});

// What is added where each call computes `rows` rows, at least 1; at least 0.
int64_t StreamingInstructions(const arch::Graph& graph, const arch::Op& op, int rows,
                              const StreamPrices& prices = {});

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_STREAMS_STREAM_PRICE_H_
