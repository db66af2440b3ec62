// Convolutions by chunks: the inputs of some output pixels are widened once, then the weights of
// two output channels at a time are widened once for all of those pixels (dot.h), or those of one
// channel as it goes (dot_one.h), where there is no room for many pixels.

#ifndef NIWAKI_LIBS_KERNELS_FAST_CHUNK_H_
#define NIWAKI_LIBS_KERNELS_FAST_CHUNK_H_

#include <stdint.h>

#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/dot.h"

#ifdef __cplusplus
extern "C" {
#endif

// Inputs of an output come as rows (of a window; one for one pixel), each filled up to fours:
// `terms` counts them so filled up.

// Words of `pixels` pixels' inputs.
#define NW_FAST_INPUT_WORDS(terms, pixels) ((terms) / 2 * (pixels))
// Words of the weights of two channels.
#define NW_FAST_WEIGHT_WORDS(terms) (terms)

// A layer whose pixels lie one after the other in the output.
typedef struct {
  // Of the first pixel, first channel.
  int8_t* output;
  nw_steps steps;
  int32_t channels;
  int32_t rows;
  // Of a row, not filled up.
  int32_t row_terms;
  int32_t terms;
  const nw_filters* filters;
  const nw_levels* levels;
} nw_fast_layer;

// Widens the inputs of `count` pixels, four at least, at `to`: of pixel `first` and those behind
// it. By pair the words of `step` pixels, of which it writes the first `count` of each; where
// `count` is no four, the last ones are written twice.
typedef void (*nw_fast_widen)(const void* context, int32_t first, uint32_t* to, int32_t step);

// All channels of `pixels` pixels: saturated levels (nw_fast_clamp does the rest). `widen` writes
// four pixels from `first` on, as columns of groups of `step`; pixels behind the last one are asked
// for where there are fewer than four, and may be anything. `scratch` has at least
// twelve bytes a term (NW_LEAST_CONVOLUTION_SCRATCH).
void nw_fast_run_layer(const nw_fast_layer* layer, int32_t pixels, nw_fast_widen widen,
                       const void* context, uint32_t* scratch, int32_t scratch_bytes);

// A pair of words of four pixels' bytes, widened, doubled, less the zero point: `base` has -zero
// twice. Writes twice four words, the second four `step` behind the first.
static inline void nw_fast_widen_four(uint32_t base, const uint32_t bytes[4], uint32_t* to,
                                      int32_t step) {
  to[0] = nw_doubled(nw_widen_even(base, bytes[0]));
  to[1] = nw_doubled(nw_widen_even(base, bytes[1]));
  to[2] = nw_doubled(nw_widen_even(base, bytes[2]));
  to[3] = nw_doubled(nw_widen_even(base, bytes[3]));
  to += step;
  to[0] = nw_doubled(nw_widen_odd(base, bytes[0]));
  to[1] = nw_doubled(nw_widen_odd(base, bytes[1]));
  to[2] = nw_doubled(nw_widen_odd(base, bytes[2]));
  to[3] = nw_doubled(nw_widen_odd(base, bytes[3]));
}

// Up to three bytes, filled up with zeros.
static inline uint32_t nw_fast_last_bytes(const int8_t* from, int32_t step, int32_t count) {
  uint32_t word = 0;
  for (int32_t i = 0; i < count; ++i) word |= (uint32_t)(uint8_t)from[i * step] << (8 * i);
  return word;
}

// `terms` of four pixels that lie side by side; returns what is behind them.
uint32_t* nw_fast_widen_columns(const int8_t* const pixels[4], int32_t terms, int32_t zero,
                                uint32_t* to, int32_t step);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_CHUNK_H_
