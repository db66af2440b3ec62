// Convolutions by chunks: the inputs of some output pixels are widened once, then the weights of
// two output channels at a time are widened once for all of those pixels (dot.h).

#ifndef NIWAKI_LIBS_KERNELS_FAST_CHUNK_H_
#define NIWAKI_LIBS_KERNELS_FAST_CHUNK_H_

#include <stdint.h>

#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/dot.h"

#ifdef __cplusplus
extern "C" {
#endif

// Words of a group of four pixels.
#define NW_FAST_GROUP_WORDS(terms) (2 * NW_FOURS(terms))
// Words of the weights of two channels.
#define NW_FAST_WEIGHT_WORDS(terms) NW_FOURS(terms)

// Pixels that lie one after the other in the output, at least one.
typedef struct {
  // Of the first pixel, first channel.
  int8_t* output;
  nw_steps steps;
  int32_t pixels;
  int32_t channels;
  // Inputs of an output.
  int32_t terms;
  const nw_filters* filters;
  const nw_levels* levels;
  // NW_FAST_WEIGHT_WORDS, to work in.
  uint32_t* weights;
  // Groups of four pixels; where their number is no multiple of four, the last group are the last
  // four (nw_fast_first_of_group); where there are fewer, the last pixel again and again.
  const uint32_t* inputs;
} nw_fast_chunk;

static inline int32_t nw_fast_groups(int32_t pixels) { return (pixels + 3) / 4; }

// Of `pixels`, the first one of group `group`.
static inline int32_t nw_fast_first_of_group(int32_t group, int32_t pixels) {
  const int32_t first = 4 * group;
  return pixels < 4 || first + 4 <= pixels ? first : pixels - 4;
}

// How a run of `pixels` is cut: all chunks but the last have as many as this, a multiple of four
// that `capacity`, at least four, has room for, of about equal size.
int32_t nw_fast_chunk_size(int32_t pixels, int32_t capacity);

// All channels of the chunk's pixels: saturated levels (nw_fast_clamp does the rest).
void nw_fast_run_chunk(const nw_fast_chunk* chunk);

// A pair of words of four pixels' bytes, widened, doubled, less the zero point: `base` has -zero
// twice. Writes eight words.
static inline void nw_fast_widen_four(uint32_t base, const uint32_t bytes[4], uint32_t* to) {
  to[0] = nw_doubled(nw_widen_even(base, bytes[0]));
  to[1] = nw_doubled(nw_widen_even(base, bytes[1]));
  to[2] = nw_doubled(nw_widen_even(base, bytes[2]));
  to[3] = nw_doubled(nw_widen_even(base, bytes[3]));
  to[4] = nw_doubled(nw_widen_odd(base, bytes[0]));
  to[5] = nw_doubled(nw_widen_odd(base, bytes[1]));
  to[6] = nw_doubled(nw_widen_odd(base, bytes[2]));
  to[7] = nw_doubled(nw_widen_odd(base, bytes[3]));
}

// Up to three bytes, filled up with zeros.
static inline uint32_t nw_fast_last_bytes(const int8_t* from, int32_t step, int32_t count) {
  uint32_t word = 0;
  for (int32_t i = 0; i < count; ++i) word |= (uint32_t)(uint8_t)from[i * step] << (8 * i);
  return word;
}

// A group whose pixels' terms lie side by side.
void nw_fast_widen_columns(const int8_t* const pixels[4], int32_t terms, int32_t zero,
                           uint32_t* to);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_CHUNK_H_
