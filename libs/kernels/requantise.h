// Fixed-point scaling of int32 accumulators, bit for bit as TensorFlow Lite rounds: a doubling high
// multiplication that rounds half away from zero, then a division by a power of two that does too
// (Jacob et al. 2017, arXiv 1712.05877, §2.2).

#ifndef NIWAKI_LIBS_KERNELS_REQUANTISE_H_
#define NIWAKI_LIBS_KERNELS_REQUANTISE_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// a * b / 2^31, rounded; INT32_MIN * INT32_MIN saturates.
static inline int32_t nw_high_multiply(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  // Of products below zero the nudge is 1 - 2^30 and the division cuts off: rounding down what is
  // 2^30 more gives the same.
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

// value / 2^exponent, rounded half away from zero; exponent 0 to 31.
static inline int32_t nw_divide_by_power(int32_t value, int exponent) {
  const int32_t mask = (int32_t)(((int64_t)1 << exponent) - 1);
  const int32_t remainder = value & mask;
  const int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return (value >> exponent) + (remainder > threshold ? 1 : 0);
}

// value * multiplier / 2^31 * 2^shift: `multiplier` between 2^30 and 2^31 or their negatives,
// `shift` -31 to 30. What the left shift carries beyond 32 bits is lost, as there.
static inline int32_t nw_scale(int32_t value, int32_t multiplier, int shift) {
  const int left = shift > 0 ? shift : 0;
  const int right = shift > 0 ? 0 : -shift;
  const int32_t shifted = (int32_t)((uint32_t)value << left);
  return nw_divide_by_power(nw_high_multiply(shifted, multiplier), right);
}

static inline int32_t nw_clamp(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

// `scaled` + `zero` within [low, high], whatever `scaled` is; the others are of int8.
static inline int32_t nw_level(int32_t scaled, int32_t zero, int32_t low, int32_t high) {
  return nw_clamp(scaled, low - zero, high - zero) + zero;
}

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_REQUANTISE_H_
