// Two products at a time: instructions of Arm's DSP extension (Cortex-M4, M7, M33), and the same in
// plain C for everything else, so that a host tests the very source that a device runs.
//
// A "pair" is two int16 in a word, the first one in the low half. Sums wrap as the hardware's do.

#ifndef NIWAKI_LIBS_KERNELS_FAST_SIMD_H_
#define NIWAKI_LIBS_KERNELS_FAST_SIMD_H_

#include <stdint.h>
#include <string.h>

// Whether the kernels' loops in assembly are there (Thumb-2 with the DSP extension).
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
#define NW_FAST_DSP 1
#else
#define NW_FAST_DSP 0
#endif

// A function that stays one: inlined, it would take the registers of what calls it.
#define NW_FAST_APART __attribute__((noinline))

// Four bytes from anywhere, the first one lowest: kernels run on little-endian machines.
static inline uint32_t nw_load4(const int8_t* from) {
  uint32_t word;
  memcpy(&word, from, sizeof(word));
  return word;
}

static inline void nw_store4(int8_t* to, uint32_t word) { memcpy(to, &word, sizeof(word)); }

static inline int32_t nw_low(uint32_t pair) { return (int16_t)(uint16_t)pair; }
static inline int32_t nw_high(uint32_t pair) { return (int16_t)(uint16_t)(pair >> 16); }
static inline uint32_t nw_pair(int32_t low, int32_t high) {
  return (uint32_t)(uint16_t)low | (uint32_t)high << 16;
}

#if NW_FAST_DSP

// base + (byte 0, byte 2), base + (byte 1, byte 3): the bytes are signed.
static inline uint32_t nw_widen_even(uint32_t base, uint32_t bytes) {
  uint32_t result;
  __asm("sxtab16 %0, %1, %2" : "=r"(result) : "r"(base), "r"(bytes));
  return result;
}
static inline uint32_t nw_widen_odd(uint32_t base, uint32_t bytes) {
  uint32_t result;
  __asm("sxtab16 %0, %1, %2, ror #8" : "=r"(result) : "r"(base), "r"(bytes));
  return result;
}

// Without a base, for what needs none.
static inline uint32_t nw_even(uint32_t bytes) {
  uint32_t result;
  __asm("sxtb16 %0, %1" : "=r"(result) : "r"(bytes));
  return result;
}
static inline uint32_t nw_odd(uint32_t bytes) {
  uint32_t result;
  __asm("sxtb16 %0, %1, ror #8" : "=r"(result) : "r"(bytes));
  return result;
}

static inline uint32_t nw_doubled(uint32_t pair) {
  uint32_t result;
  __asm("sadd16 %0, %1, %1" : "=r"(result) : "r"(pair));
  return result;
}

// (low of a, low of b), (high of a, high of b).
static inline uint32_t nw_lows(uint32_t a, uint32_t b) {
  uint32_t result;
  __asm("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(a), "r"(b));
  return result;
}
static inline uint32_t nw_highs(uint32_t a, uint32_t b) {
  uint32_t result;
  __asm("pkhtb %0, %1, %2, asr #16" : "=r"(result) : "r"(b), "r"(a));
  return result;
}

// sum + low * low + high * high.
static inline int32_t nw_dot2(uint32_t a, uint32_t b, int32_t sum) {
  int32_t result;
  __asm("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
  return result;
}

// (a * b + 2^31) / 2^32, rounded down.
static inline int32_t nw_high_product(int32_t a, int32_t b) {
  int32_t result;
  __asm("smmulr %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
  return result;
}

// The larger, and the smaller, of each of four signed bytes.
static inline uint32_t nw_largest4(uint32_t a, uint32_t b) {
  uint32_t result;
  __asm("ssub8 %0, %1, %2\n  sel %0, %1, %2" : "=&r"(result) : "r"(a), "r"(b) : "cc");
  return result;
}
static inline uint32_t nw_smallest4(uint32_t a, uint32_t b) {
  uint32_t result;
  __asm("ssub8 %0, %1, %2\n  sel %0, %2, %1" : "=&r"(result) : "r"(a), "r"(b) : "cc");
  return result;
}

static inline int32_t nw_saturated(int32_t value) {
  int32_t result;
  __asm("ssat %0, #8, %1" : "=r"(result) : "r"(value));
  return result;
}

#else

static inline uint32_t nw_widen_even(uint32_t base, uint32_t bytes) {
  return nw_pair(nw_low(base) + (int8_t)(uint8_t)bytes,
                 nw_high(base) + (int8_t)(uint8_t)(bytes >> 16));
}
static inline uint32_t nw_widen_odd(uint32_t base, uint32_t bytes) {
  return nw_widen_even(base, bytes >> 8);
}
static inline uint32_t nw_even(uint32_t bytes) { return nw_widen_even(0, bytes); }
static inline uint32_t nw_odd(uint32_t bytes) { return nw_widen_odd(0, bytes); }
static inline uint32_t nw_doubled(uint32_t pair) {
  return nw_pair(2 * nw_low(pair), 2 * nw_high(pair));
}
static inline uint32_t nw_lows(uint32_t a, uint32_t b) { return (a & 0xffff) | b << 16; }
static inline uint32_t nw_highs(uint32_t a, uint32_t b) { return a >> 16 | (b & 0xffff0000u); }
static inline int32_t nw_dot2(uint32_t a, uint32_t b, int32_t sum) {
  const int64_t products = (int64_t)nw_low(a) * nw_low(b) + (int64_t)nw_high(a) * nw_high(b);
  return (int32_t)(uint32_t)((uint64_t)products + (uint64_t)(int64_t)sum);
}
static inline int32_t nw_high_product(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 31)) >> 32);
}
// Bits of the bytes of `a` that are at least those of `b`.
static inline uint32_t nw_at_least4(uint32_t a, uint32_t b) {
  uint32_t bits = 0;
  for (int i = 0; i < 32; i += 8) {
    if ((int8_t)(uint8_t)(a >> i) >= (int8_t)(uint8_t)(b >> i)) bits |= UINT32_C(255) << i;
  }
  return bits;
}
static inline uint32_t nw_largest4(uint32_t a, uint32_t b) {
  const uint32_t first = nw_at_least4(a, b);
  return (a & first) | (b & ~first);
}
static inline uint32_t nw_smallest4(uint32_t a, uint32_t b) {
  const uint32_t first = nw_at_least4(a, b);
  return (b & first) | (a & ~first);
}

static inline int32_t nw_saturated(int32_t value) {
  return value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value;
}

#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_SIMD_H_
