// From samples to a column of a log-mel picture: the front end, version 2.
//
// A window of samples (periodic Hann), its power spectrum (real_fft.h), summed under triangular
// filters that are evenly spaced on the HTK mel scale (Young et al., The HTK Book, section 5.4), as
// levels of a scale in decibel. The same bytes on every machine: see exact_float.h. Against the
// definition in double precision a level is off by at most one, and that only where the exact value
// lies within 0.001 of the middle between two.

#ifndef NIWAKI_LIBS_KERNELS_FRONTEND_LOG_MEL_H_
#define NIWAKI_LIBS_KERNELS_FRONTEND_LOG_MEL_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Of data sets and exports that were made by this arithmetic. Version 1 was another library's.
#define NW_FRONT_END_VERSION 2

// Tables are the caller's, constants in flash: log_mel_tables.h computes them.
typedef struct {
  int32_t window_samples;
  int32_t stride_samples;
  // A power of two from 16 on, at least window_samples.
  int32_t fft_size;
  int32_t mel_bins;
  // [window_samples / 2 + 1]; its second half is its first, mirrored.
  const float* window;
  // [NW_FFT_SINES(fft_size)]
  const float* sine;
  // [mel_bins + 2] First bins of the spectrum behind each edge: filter i rises behind edge i and
  // falls behind edge i + 1.
  const uint16_t* edges;
  // [edges[mel_bins + 1] - edges[0]] How far each bin from edges[0] on has come from its edge to
  // the next: its weight in the filter that rises, and the rest in the one that falls.
  const float* rise;
  // level = log2(power) * levels_per_octave + level_of_one, rounded, within lowest_level to 255.
  float levels_per_octave;
  float level_of_one;
  int32_t lowest_level;
} nw_log_mel;

// Of `scratch`, aligned as float.
#define NW_LOG_MEL_SCRATCH_BYTES(fft_size) ((fft_size) * (int32_t)sizeof(float))

// `samples` [window_samples] -> `levels` [mel_bins].
void nw_log_mel_column(const nw_log_mel* front_end, const int16_t* samples, void* scratch,
                       uint8_t* levels);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FRONTEND_LOG_MEL_H_
