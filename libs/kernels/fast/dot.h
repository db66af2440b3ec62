// The inner loop of convolutions: two output channels of four pixels at a time, on inputs and
// weights widened to pairs of int16.
//
// Terms (inputs of an output: channels of a pixel, or of a window) go in fours, the last ones
// filled up with zeros: a four is two pairs, (0, 2) and (1, 3), the order in which bytes are
// widened.
//   inputs   by group of four pixels, by pair: the pair of each of the four pixels; doubled, less
//            their zero point
//   weights  by pair: that of the first output channel, then of the second

#ifndef NIWAKI_LIBS_KERNELS_FAST_DOT_H_
#define NIWAKI_LIBS_KERNELS_FAST_DOT_H_

#include <stdint.h>

#include "libs/kernels/fast/scale.h"

#ifdef __cplusplus
extern "C" {
#endif

// The assembly knows the order and sizes of the fields.
typedef struct {
  // Doubled, of the first and second channel in turn.
  int32_t biases[8];
  nw_fast_scale scales[2];
  const uint32_t* weights_end;
  const uint32_t* weights;
  // Of the first pixel and the first channel.
  int8_t* output;
  // From one pixel to the next, and from the first channel to the second.
  int32_t column;
  int32_t channel;
  const uint32_t* inputs_end;
  const uint32_t* inputs;
} nw_fast_dot_job;

// Outputs of all groups of inputs, at least one: saturated levels. One for outputs that are clamped
// at their zero point (scale.h), one for others.
void nw_fast_dot_clamped(const nw_fast_dot_job* job);
void nw_fast_dot_signed(const nw_fast_dot_job* job);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_DOT_H_
