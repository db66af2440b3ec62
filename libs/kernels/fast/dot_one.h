// The inner loop of convolutions of few pixels: one output channel after the other of eight or nine
// pixels, weights widened where they are used. Nothing is prepared for a channel, so it takes less
// memory and fewer pixels than dot.h to be worth it.
//
// Terms, a multiple of four, and inputs are as in dot.h, but by group of eight or nine pixels.

#ifndef NIWAKI_LIBS_KERNELS_FAST_DOT_ONE_H_
#define NIWAKI_LIBS_KERNELS_FAST_DOT_ONE_H_

#include <stdint.h>

#include "libs/kernels/fast/simd.h"

#ifdef __cplusplus
extern "C" {
#endif

// The assembly knows the order and sizes of the fields.
typedef struct {
  // Of one group, by pair: that of each pixel.
  const uint32_t* inputs;
  // Of the first channel, `terms` each.
  const int8_t* weights;
  int32_t terms;
  // The last pair.
  const uint32_t* last_inputs;
  // Of channel 0. All channels from `channel` to `end`, at least one, have scales of the short form
  // (scale.h) with shifts of 1 and more.
  const int32_t* biases;
  const int32_t* multipliers;
  const int8_t* shifts;
  int32_t channel;
  int32_t end;
  // Of the first pixel and channel 0; from one pixel, and from one channel to the next.
  int8_t* output;
  int32_t column_step;
  int32_t channel_step;
  // 2 * zero point + 1, of the output.
  int32_t rounding;
  // Whether the output is clamped at its zero point.
  int32_t clamped;
} nw_fast_dot_one_job;

// Saturated levels of all channels; changes the job.
void nw_fast_dot_one_8(nw_fast_dot_one_job* job);
void nw_fast_dot_one_9(nw_fast_dot_one_job* job);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_DOT_ONE_H_
