#include "libs/kernels/frontend/log_mel_tables.h"

#include "libs/kernels/frontend/exact_float.h"
#include "libs/kernels/frontend/real_fft.h"

#define PI 3.14159265358979323846
#define LN_2 0.69314718055994530942
#define LN_10 2.30258509299404568402
// Of the mel scale: mel = 1127 ln(1 + hz / 700).
#define MEL_CORNER_HZ 700.0

// sin(x) for 0 <= x <= pi / 4, and cos(x): their series.
static double small_sine(double x) {
  double term = x;
  double sum = x;
  for (int k = 1; k < 12; ++k) {
    term = -term * x * x / (double)((2 * k) * (2 * k + 1));
    sum += term;
  }
  return sum;
}

static double small_cosine(double x) {
  double term = 1.0;
  double sum = 1.0;
  for (int k = 1; k < 12; ++k) {
    term = -term * x * x / (double)((2 * k - 1) * (2 * k));
    sum += term;
  }
  return sum;
}

// sin(2 pi k / n) for 0 <= k <= n / 4.
static double quarter_sine(int32_t k, int32_t n) {
  if (8 * (int64_t)k <= n) return small_sine(2.0 * PI * (double)k / (double)n);
  return small_cosine(2.0 * PI * (double)(n - 4 * (int64_t)k) / (4.0 * (double)n));
}

// cos(2 pi k / n) for 0 <= k <= n / 2.
static double half_cosine(int32_t k, int32_t n) {
  const int64_t quarter = (int64_t)n - 4 * (int64_t)k;
  // sin of what is left to a quarter of a turn, (n - 4 k) / 4 n of a turn.
  const int64_t size = quarter < 0 ? -quarter : quarter;
  const double angle = 2.0 * PI * (double)size / (4.0 * (double)n);
  const double sine = 8 * size <= 4 * (int64_t)n
                          ? small_sine(angle)
                          : small_cosine(2.0 * PI * (double)(n - size) / (4.0 * (double)n));
  return quarter < 0 ? -sine : sine;
}

// ln(x) for x >= 1.
static double natural_log(double x) {
  int octaves = 0;
  while (x > 1.41421356237309505) {
    x = x * 0.5;
    ++octaves;
  }
  const double t = (x - 1.0) / (x + 1.0);
  double power = t;
  double sum = t;
  for (int k = 3; k < 40; k += 2) {
    power = power * t * t;
    sum += power / (double)k;
  }
  return (double)octaves * LN_2 + 2.0 * sum;
}

// e^x - 1 for 0 <= x <= 12.
static double exponential_less_one(double x) {
  double term = x;
  double sum = x;
  for (int k = 2; k < 80; ++k) {
    term = term * x / (double)k;
    sum += term;
  }
  return sum;
}

static double floor_of(double x) { return (double)(int64_t)x; }

// Where filter i begins, in bins of the spectrum; low and high in units of 1127 mel.
static double filter_edge(const nw_log_mel_shape* shape, double low, double high, int32_t i) {
  const double mel = low + (high - low) * (double)i / (double)(shape->mel_bins + 1);
  return MEL_CORNER_HZ * exponential_less_one(mel) * (double)shape->fft_size /
         (double)shape->sample_rate_hz;
}

static void fill_filters(const nw_log_mel_shape* shape, const nw_log_mel_memory* memory) {
  const double low = natural_log(1.0 + shape->low_hz / MEL_CORNER_HZ);
  const double high = natural_log(1.0 + shape->high_hz / MEL_CORNER_HZ);
  const int32_t last_bin = shape->fft_size / 2;
  float* rise = memory->rise;
  double left = filter_edge(shape, low, high, 0);
  memory->edges[0] = (uint16_t)(floor_of(left) + 1.0);
  for (int32_t i = 0; i <= shape->mel_bins; ++i) {
    const double right = filter_edge(shape, low, high, i + 1);
    int32_t end = (int32_t)floor_of(right) + 1;
    if (end > last_bin + 1) end = last_bin + 1;
    for (int32_t bin = memory->edges[i]; bin < end; ++bin) {
      *rise++ = (float)(((double)bin - left) / (right - left));
    }
    memory->edges[i + 1] = (uint16_t)end;
    left = right;
  }
}

nw_log_mel nw_log_mel_tables(const nw_log_mel_shape* shape, int32_t stride_samples,
                             const nw_log_mel_memory* memory) {
  const int32_t window = shape->window_samples;
  double window_sum = 0.0;
  for (int32_t i = 0; i < window; ++i) {
    const int32_t mirrored = i <= window / 2 ? i : window - i;
    const double value = 0.5 - 0.5 * half_cosine(mirrored, window);
    if (i <= window / 2) memory->window[i] = (float)value;
    window_sum += value;
  }
  // Of a window of one sample, whose value is 0, nothing is left to be heard.
  if (window_sum <= 0.0) window_sum = 1.0;
  for (int32_t k = 0; k < NW_FFT_SINES(shape->fft_size); ++k) {
    memory->sine[k] = (float)quarter_sine(k, shape->fft_size);
  }
  fill_filters(shape, memory);
  // A sine of full scale (32768) on a bin has magnitude 32768 window_sum / 2 there, and the
  // spectrum gives four times its square.
  const double octaves = 2.0 * natural_log(32768.0 * window_sum) / LN_2;
  const double per_octave = 10.0 * LN_2 / LN_10 / shape->scale_db;
  const double lowest = (shape->floor_db - shape->offset_db) / shape->scale_db;
  nw_log_mel front_end = {window,
                          stride_samples,
                          shape->fft_size,
                          shape->mel_bins,
                          memory->window,
                          memory->sine,
                          memory->edges,
                          memory->rise,
                          0.0f,
                          0.0f,
                          0};
  front_end.levels_per_octave = (float)per_octave;
  front_end.level_of_one = (float)(-shape->offset_db / shape->scale_db - octaves * per_octave);
  front_end.lowest_level = lowest <= 0.0 ? 0 : lowest >= 255.0 ? 255 : (int32_t)(lowest + 0.5);
  return front_end;
}
