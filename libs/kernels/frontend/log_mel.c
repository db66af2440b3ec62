#include "libs/kernels/frontend/log_mel.h"

#include "libs/kernels/frontend/exact_float.h"
#include "libs/kernels/frontend/real_fft.h"

// Sample i under the window; zeros behind its end.
static float windowed(const nw_log_mel* front_end, const int16_t* samples, int32_t i) {
  const int32_t size = front_end->window_samples;
  if (i >= size) return 0.0f;
  return (float)samples[i] * front_end->window[i <= size / 2 ? i : size - i];
}

static uint8_t level_of(const nw_log_mel* front_end, float power) {
  // What is below is the lowest level on any scale, and 0 has no logarithm.
  if (power < 1e-30f) return (uint8_t)front_end->lowest_level;
  const float level = nw_log2(power) * front_end->levels_per_octave + front_end->level_of_one;
  if (!(level > (float)front_end->lowest_level)) return (uint8_t)front_end->lowest_level;
  if (level >= 255.0f) return 255;
  return (uint8_t)(int32_t)(level + 0.5f);
}

void nw_log_mel_column(const nw_log_mel* front_end, const int16_t* samples, void* scratch,
                       uint8_t* levels) {
  float* const data = scratch;
  const int32_t pairs = front_end->fft_size / 2;
  for (int32_t k = 0, reversed = 0; k < pairs; ++k) {
    data[2 * reversed] = windowed(front_end, samples, 2 * k);
    data[2 * reversed + 1] = windowed(front_end, samples, 2 * k + 1);
    reversed = nw_next_reversed(reversed, pairs);
  }
  nw_power_spectrum(front_end->sine, front_end->fft_size, data);
  const uint16_t* edges = front_end->edges;
  const float* rise = front_end->rise;
  float rising = 0.0f;
  for (int32_t edge = 0; edge <= front_end->mel_bins; ++edge) {
    const float risen = rising;
    float falling = 0.0f;
    rising = 0.0f;
    for (int32_t bin = edges[edge]; bin < edges[edge + 1]; ++bin) {
      const float part = *rise++ * data[bin];
      rising += part;
      falling += data[bin] - part;
    }
    if (edge > 0) levels[edge - 1] = level_of(front_end, risen + falling);
  }
}
