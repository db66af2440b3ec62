#include "libs/kernels/frontend/keyword_stream.h"

#include "libs/kernels/frontend/exact_float.h"

static int8_t level_of(const nw_features_input* to, float value) {
  const int32_t level = nw_round(value / to->scale) + to->zero_point;
  return (int8_t)(level < -128 ? -128 : level > 127 ? 127 : level);
}

// The picture lies in a ring: row 0 is row `begin` of `features`.
static void input_of_ring(const nw_features_input* to, int32_t frames, int32_t mel_bins,
                          const uint8_t* features, int32_t begin, void* scratch, int8_t* input) {
  if (to->rows == frames && to->columns == mel_bins) {
    for (int32_t y = 0, at = begin; y < frames; ++y, at = at + 1 == frames ? 0 : at + 1) {
      for (int32_t x = 0; x < mel_bins; ++x) *input++ = to->levels[features[at * mel_bins + x]];
    }
    return;
  }
  const nw_resize_shape shape = {frames, mel_bins, to->rows, to->columns, 1};
  float* const row = scratch;
  nw_resizer resizer = nw_resize_begin(&shape, row + mel_bins);
  for (int32_t y = 0, at = begin; y < frames; ++y, at = at + 1 == frames ? 0 : at + 1) {
    for (int32_t x = 0; x < mel_bins; ++x) row[x] = to->values[features[at * mel_bins + x]];
    for (int32_t whole = nw_resize_row(&resizer, row); whole > 0; --whole) {
      const float* resized = nw_resized_row(&resizer);
      for (int32_t x = 0; x < to->columns; ++x) *input++ = level_of(to, resized[x]);
    }
  }
}

void nw_features_input_of(const nw_features_input* to, int32_t frames, int32_t mel_bins,
                          const uint8_t* features, void* scratch, int8_t* input) {
  input_of_ring(to, frames, mel_bins, features, 0, scratch, input);
}

void nw_keyword_begin(const nw_keyword_options* options, nw_keyword_state* state) {
  const nw_log_mel* front_end = &options->front_end;
  // The first column is whole with the first window.
  for (int32_t i = 0; i < front_end->window_samples; ++i) state->samples[i] = 0;
  for (int32_t i = 0; i < options->frames * front_end->mel_bins; ++i) {
    state->columns[i] = (uint8_t)front_end->lowest_level;
  }
  for (int32_t i = 0; i < options->averaged_runs * options->classes; ++i) state->posteriors[i] = 0;
  state->filled = 0;
  state->column = 0;
  state->run = 0;
  state->until_run = options->columns_per_run;
  state->quiet = 0;
  state->runs = 0;
}

int nw_keyword_due(const nw_keyword_state* state) { return state->until_run == 0; }

// The window is full: a column, and room for the next stride.
static void finish_column(const nw_keyword_options* options, nw_keyword_state* state,
                          void* scratch) {
  const nw_log_mel* front_end = &options->front_end;
  nw_log_mel_column(front_end, state->samples, scratch,
                    state->columns + state->column * front_end->mel_bins);
  state->column = state->column + 1 == options->frames ? 0 : state->column + 1;
  const int32_t kept = front_end->window_samples - front_end->stride_samples;
  for (int32_t i = 0; i < kept; ++i) {
    state->samples[i] = state->samples[i + front_end->stride_samples];
  }
  // Where windows do not touch, the samples between them are passed over.
  state->filled = kept;
  --state->until_run;
}

int32_t nw_keyword_feed(const nw_keyword_options* options, nw_keyword_state* state,
                        const int16_t* samples, int32_t count, void* scratch) {
  const int32_t window = options->front_end.window_samples;
  if (state->until_run == 0) state->until_run = options->columns_per_run;
  for (int32_t taken = 0; taken < count;) {
    if (state->filled >= 0) state->samples[state->filled] = samples[taken];
    ++taken;
    ++state->filled;
    if (state->filled < window) continue;
    finish_column(options, state, scratch);
    if (state->until_run == 0) return taken;
  }
  return count;
}

void nw_keyword_input(const nw_keyword_options* options, const nw_keyword_state* state,
                      void* scratch, int8_t* input) {
  input_of_ring(&options->input, options->frames, options->front_end.mel_bins, state->columns,
                state->column, scratch, input);
}

int32_t nw_keyword_average(const nw_keyword_options* options, const nw_keyword_state* state,
                           int32_t class_index) {
  int32_t sum = 0;
  for (int32_t run = 0; run < options->averaged_runs; ++run) {
    sum += state->posteriors[run * options->classes + class_index];
  }
  return sum / options->averaged_runs;
}

int32_t nw_keyword_take(const nw_keyword_options* options, nw_keyword_state* state,
                        const uint8_t* posteriors) {
  uint8_t* to = state->posteriors + state->run * options->classes;
  for (int32_t c = 0; c < options->classes; ++c) to[c] = posteriors[c];
  state->run = state->run + 1 == options->averaged_runs ? 0 : state->run + 1;
  ++state->runs;
  if (state->quiet > 0) {
    --state->quiet;
    return -1;
  }
  int32_t best = -1;
  int32_t highest = options->threshold - 1;
  for (int32_t c = 0; c < options->classes; ++c) {
    const int32_t average = options->is_keyword[c] ? nw_keyword_average(options, state, c) : -1;
    if (average <= highest) continue;
    highest = average;
    best = c;
  }
  if (best >= 0) state->quiet = options->quiet_runs;
  return best;
}
