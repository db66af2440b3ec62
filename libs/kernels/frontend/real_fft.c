#include "libs/kernels/frontend/real_fft.h"

#include "libs/kernels/frontend/exact_float.h"

typedef struct {
  float re;
  float im;
} complex32;

// sin(2 pi index / (4 quarter)), index within a turn.
static float sine_at(const float* sine, int32_t quarter, int32_t index) {
  if (index <= quarter) return sine[index];
  if (index <= 2 * quarter) return sine[2 * quarter - index];
  if (index <= 3 * quarter) return -sine[index - 2 * quarter];
  return -sine[4 * quarter - index];
}

// e^(2 pi i index / (4 quarter)), index below three quarters of a turn.
static complex32 turn(const float* sine, int32_t quarter, int32_t index) {
  const complex32 at = {sine_at(sine, quarter, index + quarter), sine_at(sine, quarter, index)};
  return at;
}

// value * conj(by).
static complex32 turned_back(const complex32* value, complex32 by) {
  const complex32 product = {value->re * by.re + value->im * by.im,
                             value->im * by.re - value->re * by.im};
  return product;
}

// Two passes of radix 2 at once: a0 and a1 belong together in the first, a2 and a3 too.
static void butterfly(complex32 a0, complex32 a1, complex32 a2, complex32 a3, complex32* z,
                      int32_t length) {
  const complex32 s0 = {a0.re + a1.re, a0.im + a1.im};
  const complex32 d0 = {a0.re - a1.re, a0.im - a1.im};
  const complex32 s1 = {a2.re + a3.re, a2.im + a3.im};
  const complex32 d1 = {a2.re - a3.re, a2.im - a3.im};
  z[0].re = s0.re + s1.re;
  z[0].im = s0.im + s1.im;
  z[length].re = d0.re + d1.im;
  z[length].im = d0.im - d1.re;
  z[2 * length].re = s0.re - s1.re;
  z[2 * length].im = s0.im - s1.im;
  z[3 * length].re = d0.re - d1.im;
  z[3 * length].im = d0.im + d1.re;
}

static void radix_2_pass(complex32* z, int32_t count) {
  for (int32_t i = 0; i < count; i += 2) {
    const complex32 a = z[i];
    const complex32 b = z[i + 1];
    z[i].re = a.re + b.re;
    z[i].im = a.im + b.im;
    z[i + 1].re = a.re - b.re;
    z[i + 1].im = a.im - b.im;
  }
}

// Transforms of `length` become transforms of four times that. `quarter` is a quarter of a turn in
// entries of `sine`.
static void radix_4_pass(const float* sine, int32_t quarter, complex32* z, int32_t count,
                         int32_t length) {
  const int32_t step = quarter / length;
  for (int32_t i = 0; i < count; i += 4 * length) {
    butterfly(z[i], z[i + length], z[i + 2 * length], z[i + 3 * length], z + i, length);
  }
  for (int32_t j = 1; j < length; ++j) {
    const complex32 w1 = turn(sine, quarter, j * step);
    const complex32 w2 = turn(sine, quarter, 2 * j * step);
    const complex32 w3 = turn(sine, quarter, 3 * j * step);
    for (int32_t i = j; i < count; i += 4 * length) {
      complex32* at = z + i;
      butterfly(at[0], turned_back(at + length, w2), turned_back(at + 2 * length, w1),
                turned_back(at + 3 * length, w3), at, length);
    }
  }
}

// From the transform of pairs to powers of the real signal's; power k lies at the real part of
// z[k], the last at the imaginary part of z[0].
static void split(const float* sine, int32_t quarter, complex32* z, int32_t count) {
  const float first = 2.0f * (z[0].re + z[0].im);
  const float last = 2.0f * (z[0].re - z[0].im);
  z[0].re = first * first;
  z[0].im = last * last;
  for (int32_t k = 1; k < count / 2; ++k) {
    const complex32 a = z[k];
    const complex32 b = z[count - k];
    const complex32 even = {a.re + b.re, a.im - b.im};
    const complex32 odd = {a.re - b.re, a.im + b.im};
    const complex32 by = turned_back(&odd, turn(sine, quarter, k));
    const complex32 low = {even.re + by.im, even.im - by.re};
    const complex32 high = {even.re - by.im, even.im + by.re};
    z[k].re = low.re * low.re + low.im * low.im;
    z[count - k].re = high.re * high.re + high.im * high.im;
  }
  const complex32 middle = z[count / 2];
  z[count / 2].re = 4.0f * (middle.re * middle.re + middle.im * middle.im);
}

void nw_power_spectrum(const float* sine, int32_t size, float* data) {
  complex32* const z = (complex32*)data;
  const int32_t count = size / 2;
  const int32_t quarter = size / 4;
  int32_t length = 1;
  for (int32_t rest = count; rest > 1; rest >>= 2) {
    // An odd number of bits.
    if (rest == 2) length = 2;
  }
  if (length == 2) radix_2_pass(z, count);
  for (; length < count; length *= 4) radix_4_pass(sine, quarter, z, count, length);
  split(sine, quarter, z, count);
  const float last = z[0].im;
  for (int32_t k = 1; k < count; ++k) data[k] = data[2 * k];
  data[count] = last;
}
