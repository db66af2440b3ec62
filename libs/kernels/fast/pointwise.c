#include "libs/kernels/fast/pointwise.h"

#include "libs/kernels/fast/chunk.h"

// Four pixels from `pixel`, whose channels lie in planes.
static void widen_planes(const int8_t* pixel, int32_t channel, int32_t channels, int32_t zero,
                         uint32_t* to) {
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
    const uint32_t b_even = nw_doubled(nw_widen_even(base, b));
    const uint32_t b_odd = nw_doubled(nw_widen_odd(base, b));
    const uint32_t d_even = nw_doubled(nw_widen_even(base, d));
    const uint32_t d_odd = nw_doubled(nw_widen_odd(base, d));
    to[4] = nw_lows(b_even, d_even);
    to[5] = nw_lows(b_odd, d_odd);
    to[6] = nw_highs(b_even, d_even);
    to[7] = nw_highs(b_odd, d_odd);
    to += 8;
  }
}

// Pixels anywhere, channels with any step.
static void widen_scattered(const int8_t* const pixels[4], int32_t channel, int32_t channels,
                            int32_t zero, uint32_t* to) {
  const uint32_t base = nw_pair(-zero, -zero);
  for (int32_t c = 0; c < channels; c += 4) {
    const int32_t there = channels - c < 4 ? channels - c : 4;
    uint32_t bytes[4];
    for (int i = 0; i < 4; ++i) {
      bytes[i] = nw_fast_last_bytes(pixels[i] + c * channel, channel, there);
    }
    nw_fast_widen_four(base, bytes, to);
    to += 8;
  }
}

// `pixels` pixels that lie one after the other from `first`.
static void widen(const nw_input* input, const int8_t* first, int32_t pixels, int32_t zero,
                  uint32_t* to) {
  const nw_steps* const steps = &input->steps;
  const int32_t channels = input->shape.channels;
  for (int32_t group = 0; group < nw_fast_groups(pixels); ++group) {
    const int32_t begin = nw_fast_first_of_group(group, pixels);
    if (steps->column == 1 && begin + 4 <= pixels && steps->channel != 1) {
      widen_planes(first + begin, steps->channel, channels, zero, to);
    } else {
      const int8_t* places[4];
      for (int32_t i = 0; i < 4; ++i) {
        const int32_t pixel = begin + i < pixels ? begin + i : pixels - 1;
        places[i] = first + pixel * steps->column;
      }
      if (steps->channel == 1) {
        nw_fast_widen_columns(places, channels, zero, to);
      } else {
        widen_scattered(places, steps->channel, channels, zero, to);
      }
    }
    to += NW_FAST_GROUP_WORDS(channels);
  }
}

// How many rows from `begin` on lie one behind the other, in both tensors.
static int32_t rows_in_one(const nw_input* input, const nw_output* output, nw_rows rows) {
  const int32_t width = output->shape.width;
  if (input->steps.row != width * input->steps.column) return 1;
  if (output->steps.row != width * output->steps.column) return 1;
  int32_t end = rows.end;
  if (input->ring_rows > 0) {
    const int32_t left = input->ring_rows - nw_line(input->ring_rows, rows.begin);
    if (end > rows.begin + left) end = rows.begin + left;
  }
  if (output->ring_rows > 0) {
    const int32_t left = output->ring_rows - nw_line(output->ring_rows, rows.begin);
    if (end > rows.begin + left) end = rows.begin + left;
  }
  return end - rows.begin;
}

void nw_fast_pointwise(const nw_input* input, const nw_output* output, const nw_filters* filters,
                       const nw_levels* levels, void* scratch, int32_t scratch_bytes,
                       nw_rows rows) {
  const int32_t terms = input->shape.channels;
  uint32_t* const words = scratch;
  uint32_t* const inputs = words + NW_FAST_WEIGHT_WORDS(terms);
  const int32_t room = scratch_bytes / 4 - NW_FAST_WEIGHT_WORDS(terms);
  const int32_t capacity = room / NW_FAST_GROUP_WORDS(terms) * 4;
  nw_fast_chunk chunk = {0,      output->steps, 0,     output->shape.channels, terms, filters,
                         levels, words,         inputs};
  for (int32_t y = rows.begin; y < rows.end;) {
    const nw_rows rest = {y, rows.end};
    const int32_t run = rows_in_one(input, output, rest);
    const int8_t* const from =
        input->data + nw_offset(input->steps, nw_line(input->ring_rows, y), 0, 0);
    int8_t* const to = output->data + nw_offset(output->steps, nw_line(output->ring_rows, y), 0, 0);
    const int32_t pixels = run * output->shape.width;
    const int32_t size = nw_fast_chunk_size(pixels, capacity);
    for (int32_t done = 0; done < pixels; done += size) {
      // A last few pixels take some of those before them once more.
      const int32_t first = pixels - done < 4 && pixels >= 4 ? pixels - 4 : done;
      chunk.pixels = pixels - first < size ? pixels - first : size;
      chunk.output = to + first * output->steps.column;
      widen(input, from + first * input->steps.column, chunk.pixels, levels->input_zero, inputs);
      nw_fast_run_chunk(&chunk);
    }
    y += run;
  }
  if (nw_fast_has_limits(levels->limits)) nw_fast_clamp(output, levels->limits, rows);
}
