// The scaling of requantise.h in three to five instructions, the same bytes.
//
// Sums are kept doubled (2 * sum), so that the high word of a product with the multiplier is what
// TensorFlow Lite's doubling high multiplication gives, rounding included: floor((sum * m + 2^30) /
// 2^31), for products of either sign. The division by 2^s that follows rounds half away from zero:
// an addition of 2^(s - 1), less one below zero, and an arithmetic shift. Where the output is
// clamped at its zero point or above, that "less one" cannot show: what it changes is below zero
// and clamped either way. The zero point, times 2^s, goes in with the rounding.

#ifndef NIWAKI_LIBS_KERNELS_FAST_SCALE_H_
#define NIWAKI_LIBS_KERNELS_FAST_SCALE_H_

#include <stdint.h>

#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/simd.h"
#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// level = saturated((high_product(2 * sum, multiplier) + rounding) >> shift).
typedef struct {
  int32_t multiplier;
  int32_t shift;
  int32_t rounding;
} nw_fast_scale;

// Whether the sign of a sum never shows in its rounding.
static inline int nw_fast_is_clamped(const nw_levels* levels) {
  return levels->limits.low >= levels->output_zero;
}

// Whether saturation to int8 alone leaves levels that a clamp changes.
static inline int nw_fast_has_limits(nw_limits limits) {
  return limits.low > INT8_MIN || limits.high < INT8_MAX;
}

static inline uint32_t nw_fast_size(int32_t value) {
  return value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
}

// Terms of a sum that fast kernels take: with a bias below 2^29 it fits 31 bits.
#define NW_FAST_MAX_TERMS 16384

// The largest magnitude of a product of a level, less its zero point, and a weight.
#define NW_FAST_LARGEST_PRODUCT 32640

// Sets `scale` and returns 1 where the short forms are exact for every sum of products of channel
// `channel`, else 0. What they cannot do: multiplications by one and more (but by exactly the
// multiplier where the output is clamped), shifts beyond 22, and sums that do not fit 31 bits.
int nw_fast_scale_of(const nw_filters* filters, const nw_levels* levels, int32_t channel,
                     nw_fast_scale* scale);

// A trained network has channels that died: whatever their inputs, their level is the same. 1 where
// that is so of the sums of `terms` products of channel `channel`, and then sets `level`; found for
// multipliers of zero, and shifts that make little of a sum.
int nw_fast_find_dead(const nw_filters* filters, const nw_levels* levels, int32_t channel,
                      int32_t terms, int8_t* level);
static inline int nw_fast_is_dead(const nw_filters* filters, const nw_levels* levels,
                                  int32_t channel, int32_t terms, int8_t* level) {
  if (filters->shifts[channel] > -16 && filters->multipliers[channel] != 0) return 0;
  return nw_fast_find_dead(filters, levels, channel, terms, level);
}

// The level of a sum, in the long form.
int8_t nw_fast_exact(int32_t sum, const nw_filters* filters, const nw_levels* levels,
                     int32_t channel);

// Clamps rows of an output that holds saturated levels.
void nw_fast_clamp(const nw_output* output, nw_limits limits, nw_rows rows);

static inline int32_t nw_fast_scaled(int32_t doubled, const nw_fast_scale* scale, int clamped) {
  int32_t high = nw_high_product(doubled, scale->multiplier);
  if (!clamped) high += high >> 31;
  return nw_saturated((high + scale->rounding) >> scale->shift);
}

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_SCALE_H_
