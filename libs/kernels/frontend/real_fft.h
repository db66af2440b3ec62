// The power spectrum of real samples: a complex transform of half the size in radix-4 passes, in
// place, and the split into the spectrum of the real signal (Sorensen et al. 1987, "Real-valued
// fast Fourier transform algorithms", section II).

#ifndef NIWAKI_LIBS_KERNELS_FRONTEND_REAL_FFT_H_
#define NIWAKI_LIBS_KERNELS_FRONTEND_REAL_FFT_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Entries of the table of sines: a quarter of a turn, both ends.
#define NW_FFT_SINES(size) ((size) / 4 + 1)

// The index after `reversed`, both read from their highest bit down, of numbers below `size`, a
// power of two. After the last comes 0.
static inline int32_t nw_next_reversed(int32_t reversed, int32_t size) {
  int32_t bit = size >> 1;
  while (bit > 0 && (reversed & bit) != 0) {
    reversed ^= bit;
    bit >>= 1;
  }
  return reversed | bit;
}

// `size`: a power of two from 16 on. `sine` [NW_FFT_SINES(size)]: sin(2 pi k / size).
// `data` [size], in: samples 2k and 2k + 1 at 2r and 2r + 1, r being k with its log2(size / 2) bits
// reversed (nw_next_reversed). Out: [size / 2 + 1], four times the power of each frequency.
void nw_power_spectrum(const float* sine, int32_t size, float* data);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FRONTEND_REAL_FFT_H_
