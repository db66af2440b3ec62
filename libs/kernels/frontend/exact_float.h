// Single-precision arithmetic with the same bits on every machine, for sources of this folder
// alone: include it first.
//
// IEEE 754 defines addition, multiplication, division and conversions to the last bit, in hardware
// and in software alike; what differs between machines is the library and what compilers make of
// expressions. So: no libm, no fused multiply-add, no wider intermediates. Values of this folder
// stay far from subnormal numbers, so that cores that flush them to zero agree as well.

#ifndef NIWAKI_LIBS_KERNELS_FRONTEND_EXACT_FLOAT_H_
#define NIWAKI_LIBS_KERNELS_FRONTEND_EXACT_FLOAT_H_

#include <float.h>
#include <stdint.h>
#include <string.h>

// The pragma of C11; gcc knows it by another name.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#if FLT_EVAL_METHOD != 0
#error "float expressions must have the precision of float"
#endif
#ifdef __FAST_MATH__
#error "-ffast-math gives other bits"
#endif

// Nearest integer, halves away from zero; |value| < 2^30.
static inline int32_t nw_round(float value) {
  const int32_t whole = (int32_t)value;
  // Exact: both have the exponent of the fraction or less.
  const float rest = value - (float)whole;
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

// Nearest integer, halves to the even one; 0 <= value < 2^30.
static inline int32_t nw_round_half_even(float value) {
  const int32_t whole = (int32_t)value;
  const float rest = value - (float)whole;
  if (rest == 0.5f) return whole + (whole & 1);
  return whole + (rest > 0.5f);
}

// log2(value) to 2e-7 of max(1, |result|), for normal numbers above 0: the exponent, and of the
// mantissa m in [sqrt(1/2), sqrt(2)) the series of 2 artanh((m - 1) / (m + 1)) / ln(2).
static inline float nw_log2(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  int32_t exponent = (int32_t)(bits >> 23) - 127;
  bits = (bits & UINT32_C(0x7FFFFF)) | UINT32_C(0x3F800000);
  float mantissa;
  memcpy(&mantissa, &bits, sizeof(mantissa));
  if (mantissa > 1.41421356f) {
    mantissa = mantissa * 0.5f;
    ++exponent;
  }
  const float t = (mantissa - 1.0f) / (mantissa + 1.0f);
  const float t2 = t * t;
  float series = 0.320598898f;
  series = series * t2 + 0.412198583f;
  series = series * t2 + 0.577078016f;
  series = series * t2 + 0.961796694f;
  series = series * t2 + 2.88539008f;
  return (float)exponent + series * t;
}

#endif  // NIWAKI_LIBS_KERNELS_FRONTEND_EXACT_FLOAT_H_
