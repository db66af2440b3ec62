#include "libs/kernels/fast/window.h"

#include "libs/kernels/fast/chunk.h"
#include "libs/kernels/fast/scale.h"
#include "libs/kernels/fast/simd.h"

// Where pixels' windows lie.
typedef struct {
  const nw_input* input;
  const nw_window* window;
  int32_t zero;
  // Of the output: columns, its first row here, and pixels from there on.
  int32_t width;
  int32_t first_row;
  int32_t pixels;
  // Bytes of a row of a window, side by side where `dense`.
  int32_t row_terms;
  int dense;
} windows;

// A row of four windows: where each begins, whatever of it is there, null for nothing; its first
// column, and whether it lies within the input, side by side.
typedef struct {
  const int8_t* begins[4];
  int32_t lefts[4];
  int whole[4];
} row;

// Up to four bytes from term `term` on, of window `i`.
static inline uint32_t bytes_of(const windows* of, const row* row, int32_t i, int32_t term) {
  const nw_input* const input = of->input;
  const int8_t* const begin = row->begins[i];
  const int32_t channels = input->shape.channels;
  const int32_t there = of->row_terms - term < 4 ? of->row_terms - term : 4;
  if (begin == 0) return (uint8_t)of->zero * 0x01010101u;
  if (row->whole[i] && there == 4) return nw_load4(begin + term);
  uint32_t word = 0;
  int32_t column = channels == 1 ? term : term / channels;
  int32_t channel = term - column * channels;
  for (int32_t byte = 0; byte < there; ++byte) {
    int32_t value = of->zero;
    if ((uint32_t)(row->lefts[i] + column) < (uint32_t)input->shape.width) {
      value = begin[column * input->steps.column + channel * input->steps.channel];
    }
    word |= (uint32_t)(uint8_t)value << (8 * byte);
    if (++channel == channels) {
      channel = 0;
      ++column;
    }
  }
  return word;
}

// Whatever lies how.
static NW_FAST_APART uint32_t* widen_bytes(const windows* of, const row* row, uint32_t* to,
                                           int32_t step) {
  const uint32_t base = nw_pair(-of->zero, -of->zero);
  for (int32_t term = 0; term < of->row_terms; term += 4) {
    uint32_t bytes[4];
    for (int32_t i = 0; i < 4; ++i) bytes[i] = bytes_of(of, row, i, term);
    nw_fast_widen_four(base, bytes, to, step);
    to += 2 * step;
  }
  return to;
}

// Column by column: the channels of a pixel are fours, side by side.
static NW_FAST_APART uint32_t* widen_taps(const windows* of, const row* row, uint32_t* to,
                                          int32_t step) {
  const int32_t channels = of->input->shape.channels;
  const uint32_t base = nw_pair(-of->zero, -of->zero);
  const uint32_t zeros = (uint8_t)of->zero * 0x01010101u;
  for (int32_t column = 0; column < of->window->kernel_width; ++column) {
    const int8_t* taps[4];
    int whole = 1;
    for (int i = 0; i < 4; ++i) {
      const int inside = row->begins[i] != 0 &&
                         (uint32_t)(row->lefts[i] + column) < (uint32_t)of->input->shape.width;
      taps[i] = inside ? row->begins[i] + column * channels : 0;
      whole &= inside;
    }
    if (whole) {
      to = nw_fast_widen_columns(taps, channels, of->zero, to, step);
      continue;
    }
    for (int32_t c = 0; c < channels; c += 4) {
      uint32_t bytes[4];
      for (int i = 0; i < 4; ++i) bytes[i] = taps[i] != 0 ? nw_load4(taps[i] + c) : zeros;
      nw_fast_widen_four(base, bytes, to, step);
      to += 2 * step;
    }
  }
  return to;
}

static uint32_t* widen_nothing(int32_t row_terms, uint32_t* to, int32_t step) {
  for (int32_t pairs = NW_FOURS(row_terms) / 2; pairs > 0; --pairs) {
    to[0] = 0;
    to[1] = 0;
    to[2] = 0;
    to[3] = 0;
    to += step;
  }
  return to;
}

// Four windows, whose rows begin at `tops`.
static NW_FAST_APART void widen_any(const windows* of, row* row, const int32_t tops[4],
                                    uint32_t* to, int32_t step) {
  const nw_input* const input = of->input;
  const int by_taps = of->dense && input->shape.channels % 4 == 0;
  for (int32_t ky = 0; ky < of->window->kernel_height; ++ky) {
    int there = 0;
    for (int32_t i = 0; i < 4; ++i) {
      const int32_t y = tops[i] + ky;
      row->begins[i] = 0;
      if ((uint32_t)y >= (uint32_t)input->shape.height) continue;
      there = 1;
      row->begins[i] = input->data + nw_input_line(input, y) * input->steps.row +
                       row->lefts[i] * input->steps.column;
    }
    if (!there) {
      to = widen_nothing(of->row_terms, to, step);
    } else if (by_taps) {
      to = widen_taps(of, row, to, step);
    } else {
      to = widen_bytes(of, row, to, step);
    }
  }
}

// Four windows in one row of outputs, within the input from left to right.
static void widen_within(const windows* of, row* row, int32_t top, uint32_t* to, int32_t step) {
  const nw_input* const input = of->input;
  const int32_t channels = input->shape.channels;
  const int32_t end = top + of->window->kernel_height;
  const int32_t a = row->lefts[0] * channels;
  const int32_t b = row->lefts[1] * channels;
  const int32_t c = row->lefts[2] * channels;
  const int32_t d = row->lefts[3] * channels;
  for (int32_t y = top; y < end; ++y) {
    if ((uint32_t)y >= (uint32_t)input->shape.height) {
      to = widen_nothing(of->row_terms, to, step);
      continue;
    }
    const int8_t* const line = input->data + nw_input_line(input, y) * input->steps.row;
    row->begins[0] = line + a;
    row->begins[1] = line + b;
    row->begins[2] = line + c;
    row->begins[3] = line + d;
    to = nw_fast_widen_columns(row->begins, of->row_terms, of->zero, to, step);
  }
}

static void widen(const void* context, int32_t first, uint32_t* to, int32_t step) {
  const windows* const of = context;
  const nw_window* const window = of->window;
  const int32_t within = of->input->shape.width - window->kernel_width;
  row row;
  int32_t tops[4];
  int whole = 0;
  int32_t y = first / of->width;
  int32_t x = first - y * of->width;
  for (int32_t i = 0; i < 4; ++i) {
    const int32_t left = x * window->stride_width - window->padding_left;
    row.lefts[i] = left;
    tops[i] = (of->first_row + y) * window->stride_height - window->padding_top;
    row.whole[i] = of->dense && left >= 0 && left <= within;
    whole += row.whole[i];
    if (first + i + 1 >= of->pixels) continue;
    if (++x == of->width) {
      x = 0;
      ++y;
    }
  }
  if (whole == 4 && tops[0] == tops[3]) {
    widen_within(of, &row, tops[0], to, step);
  } else {
    widen_any(of, &row, tops, to, step);
  }
}

void nw_fast_convolution(const nw_input* input, const nw_output* output, const nw_window* window,
                         const nw_filters* filters, const nw_levels* levels, void* scratch,
                         int32_t scratch_bytes, nw_rows rows) {
  const int32_t channels = input->shape.channels;
  const int32_t row_terms = window->kernel_width * channels;
  const int32_t width = output->shape.width;
  nw_fast_layer layer = {0,
                         output->steps,
                         output->shape.channels,
                         window->kernel_height,
                         row_terms,
                         window->kernel_height * NW_FOURS(row_terms),
                         filters,
                         levels};
  windows from = {input,
                  window,
                  levels->input_zero,
                  width,
                  0,
                  0,
                  row_terms,
                  input->steps.channel == 1 && input->steps.column == channels};
  // Rows of the output that lie one behind the other are one run of pixels.
  const int whole = output->steps.row == width * output->steps.column && output->ring_rows == 0;
  const int32_t run = whole ? rows.end - rows.begin : 1;
  from.pixels = run * width;
  for (int32_t y = rows.begin; y < rows.end; y += run) {
    from.first_row = y;
    layer.output = output->data + nw_offset(output->steps, nw_output_line(output, y), 0, 0);
    nw_fast_run_layer(&layer, from.pixels, widen, &from, scratch, scratch_bytes);
  }
  if (nw_fast_has_limits(levels->limits)) nw_fast_clamp(output, levels->limits, rows);
}
