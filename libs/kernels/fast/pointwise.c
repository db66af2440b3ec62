#include "libs/kernels/fast/pointwise.h"

#include "libs/kernels/fast/chunk.h"

// Four pixels from `pixel`, whose channels lie in planes.
static void widen_planes(const int8_t* pixel, int32_t channel, int32_t channels, int32_t zero,
                         uint32_t* to, int32_t step) {
  const uint32_t base = nw_pair(-zero, -zero);
  for (int32_t c = 0; c < channels; c += 4) {
    // Channels that are not there meet weights of zero: any will do.
    const int32_t there = channels - c;
    const uint32_t a = nw_load4(pixel);
    const uint32_t b = there > 1 ? nw_load4(pixel + channel) : a;
    const uint32_t third = there > 2 ? nw_load4(pixel + 2 * channel) : a;
    const uint32_t d = there > 3 ? nw_load4(pixel + 3 * channel) : a;
    pixel += 4 * channel;
    const uint32_t a_even = nw_doubled(nw_widen_even(base, a));
    const uint32_t a_odd = nw_doubled(nw_widen_odd(base, a));
    const uint32_t c_even = nw_doubled(nw_widen_even(base, third));
    const uint32_t c_odd = nw_doubled(nw_widen_odd(base, third));
    to[0] = nw_lows(a_even, c_even);
    to[1] = nw_lows(a_odd, c_odd);
    to[2] = nw_highs(a_even, c_even);
    to[3] = nw_highs(a_odd, c_odd);
    to += step;
    const uint32_t b_even = nw_doubled(nw_widen_even(base, b));
    const uint32_t b_odd = nw_doubled(nw_widen_odd(base, b));
    const uint32_t d_even = nw_doubled(nw_widen_even(base, d));
    const uint32_t d_odd = nw_doubled(nw_widen_odd(base, d));
    to[0] = nw_lows(b_even, d_even);
    to[1] = nw_lows(b_odd, d_odd);
    to[2] = nw_highs(b_even, d_even);
    to[3] = nw_highs(b_odd, d_odd);
    to += step;
  }
}

// Pixels anywhere, channels with any step.
static void widen_scattered(const int8_t* const pixels[4], int32_t channel, int32_t channels,
                            int32_t zero, uint32_t* to, int32_t step) {
  const uint32_t base = nw_pair(-zero, -zero);
  for (int32_t c = 0; c < channels; c += 4) {
    const int32_t there = channels - c < 4 ? channels - c : 4;
    uint32_t bytes[4];
    for (int i = 0; i < 4; ++i) {
      bytes[i] = nw_fast_last_bytes(pixels[i] + c * channel, channel, there);
    }
    nw_fast_widen_four(base, bytes, to, step);
    to += 2 * step;
  }
}

// Pixels that lie one after the other.
typedef struct {
  const int8_t* first;
  const nw_steps* steps;
  int32_t pixels;
  int32_t channels;
  int32_t zero;
} pixels;

static void widen(const void* context, int32_t first, uint32_t* to, int32_t step) {
  const pixels* const of = context;
  const nw_steps* const steps = of->steps;
  const int8_t* const begin = of->first + first * steps->column;
  if (steps->column == 1 && first + 4 <= of->pixels && steps->channel != 1) {
    widen_planes(begin, steps->channel, of->channels, of->zero, to, step);
    return;
  }
  const int8_t* places[4];
  for (int32_t i = 0; i < 4; ++i) {
    const int32_t pixel = first + i < of->pixels ? i : of->pixels - 1 - first;
    places[i] = begin + pixel * steps->column;
  }
  if (steps->channel == 1) {
    nw_fast_widen_columns(places, of->channels, of->zero, to, step);
  } else {
    widen_scattered(places, steps->channel, of->channels, of->zero, to, step);
  }
}

// How many rows from `begin` on lie one behind the other, in both tensors.
static int32_t rows_in_one(const nw_input* input, const nw_output* output, nw_rows rows) {
  const int32_t width = output->shape.width;
  if (input->steps.row != width * input->steps.column) return 1;
  if (output->steps.row != width * output->steps.column) return 1;
  int32_t end = rows.end;
  if (input->ring_rows > 0) {
    const int32_t left = input->ring_rows - nw_input_line(input, rows.begin);
    if (end > rows.begin + left) end = rows.begin + left;
  }
  if (output->ring_rows > 0) {
    const int32_t left = output->ring_rows - nw_output_line(output, rows.begin);
    if (end > rows.begin + left) end = rows.begin + left;
  }
  return end - rows.begin;
}

void nw_fast_pointwise(const nw_input* input, const nw_output* output, const nw_filters* filters,
                       const nw_levels* levels, void* scratch, int32_t scratch_bytes,
                       nw_rows rows) {
  const int32_t channels = input->shape.channels;
  nw_fast_layer layer = {
      0, output->steps, output->shape.channels, 1, channels, NW_FOURS(channels), filters, levels};
  pixels from = {0, &input->steps, 0, channels, levels->input_zero};
  for (int32_t y = rows.begin; y < rows.end;) {
    const nw_rows rest = {y, rows.end};
    const int32_t run = rows_in_one(input, output, rest);
    from.first = input->data + nw_offset(input->steps, nw_input_line(input, y), 0, 0);
    from.pixels = run * output->shape.width;
    layer.output = output->data + nw_offset(output->steps, nw_output_line(output, y), 0, 0);
    nw_fast_run_layer(&layer, from.pixels, widen, &from, scratch, scratch_bytes);
    y += run;
  }
  if (nw_fast_has_limits(levels->limits)) nw_fast_clamp(output, levels->limits, rows);
}
