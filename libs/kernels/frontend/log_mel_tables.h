// The tables of a log-mel front end, computed in double precision without libm, so that every
// machine that prepares data or exports a network has the same ones. Not for devices: an export
// holds them as constants.

#ifndef NIWAKI_LIBS_KERNELS_FRONTEND_LOG_MEL_TABLES_H_
#define NIWAKI_LIBS_KERNELS_FRONTEND_LOG_MEL_TABLES_H_

#include <stdint.h>

#include "libs/kernels/frontend/log_mel.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int32_t sample_rate_hz;
  int32_t window_samples;
  int32_t fft_size;
  int32_t mel_bins;
  double low_hz;
  // At most half the rate.
  double high_hz;
  // Power of a full-scale sine is 0 dB; less than the floor is raised to it.
  double floor_db;
  // dB = scale_db * level + offset_db
  double scale_db;
  double offset_db;
} nw_log_mel_shape;

// Entries of the tables, all float but the edges.
#define NW_LOG_MEL_WINDOW(window_samples) ((window_samples) / 2 + 1)
#define NW_LOG_MEL_EDGES(mel_bins) ((mel_bins) + 2)
// At most.
#define NW_LOG_MEL_RISE(fft_size) ((fft_size) / 2 + 1)

// The caller's: window [NW_LOG_MEL_WINDOW], sine [NW_FFT_SINES], edges [NW_LOG_MEL_EDGES], rise
// [NW_LOG_MEL_RISE].
typedef struct {
  float* window;
  float* sine;
  uint16_t* edges;
  float* rise;
} nw_log_mel_memory;

// Fills the tables; the result points to them. `stride_samples` is passed on.
nw_log_mel nw_log_mel_tables(const nw_log_mel_shape* shape, int32_t stride_samples,
                             const nw_log_mel_memory* memory);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FRONTEND_LOG_MEL_TABLES_H_
