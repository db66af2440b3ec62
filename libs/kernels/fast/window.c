#include "libs/kernels/fast/window.h"

#include "libs/kernels/fast/chunk.h"
#include "libs/kernels/fast/scale.h"
#include "libs/kernels/fast/simd.h"
#include "libs/kernels/requantise.h"

static int8_t* fill(int8_t* to, int32_t value, int32_t count) {
  while (count-- > 0) *to++ = (int8_t)value;
  return to;
}

static int8_t* copy(int8_t* to, const int8_t* from, int32_t count) {
  for (; count >= 4; count -= 4) {
    nw_store4(to, nw_load4(from));
    to += 4;
    from += 4;
  }
  while (count-- > 0) *to++ = *from++;
  return to;
}

// What the window of output (y, x) covers, row by row, as bytes; padding is the zero point.
static void gather(const nw_input* input, const nw_window* window, int32_t zero, int32_t y,
                   int32_t x, int8_t* to) {
  const nw_steps* const steps = &input->steps;
  const int32_t channels = input->shape.channels;
  const int32_t kernel_width = window->kernel_width;
  const int32_t left = x * window->stride_width - window->padding_left;
  const int32_t begin = left < 0 ? nw_clamp(-left, 0, kernel_width) : 0;
  const int32_t end = nw_clamp(input->shape.width - left, begin, kernel_width);
  const int dense = steps->channel == 1 && steps->column == channels;
  int32_t row = y * window->stride_height - window->padding_top;
  for (int32_t ky = 0; ky < window->kernel_height; ++ky, ++row) {
    if (row < 0 || row >= input->shape.height) {
      to = fill(to, zero, kernel_width * channels);
      continue;
    }
    if (dense && begin == 0 && end == kernel_width) {
      to = copy(to, input->data + nw_offset(*steps, nw_line(input->ring_rows, row), left, 0),
                kernel_width * channels);
      continue;
    }
    const int8_t* from =
        input->data + nw_offset(*steps, nw_line(input->ring_rows, row), left + begin, 0);
    to = fill(to, zero, begin * channels);
    if (dense) {
      to = copy(to, from, (end - begin) * channels);
    } else {
      for (int32_t kx = begin; kx < end; ++kx) {
        for (int32_t c = 0; c < channels; ++c) *to++ = from[c * steps->channel];
        from += steps->column;
      }
    }
    to = fill(to, zero, (kernel_width - end) * channels);
  }
}

void nw_fast_convolution(const nw_input* input, const nw_output* output, const nw_window* window,
                         const nw_filters* filters, const nw_levels* levels, void* scratch,
                         int32_t scratch_bytes, nw_rows rows) {
  const int32_t terms = window->kernel_height * window->kernel_width * input->shape.channels;
  const int32_t column_bytes = NW_FOURS(terms);
  uint32_t* const words = scratch;
  int8_t* const bytes = (int8_t*)(words + NW_FAST_WEIGHT_WORDS(terms));
  uint32_t* const inputs = words + NW_FAST_WEIGHT_WORDS(terms) + column_bytes;
  const int32_t room = scratch_bytes / 4 - NW_FAST_WEIGHT_WORDS(terms) - column_bytes;
  const int32_t capacity = room / NW_FAST_GROUP_WORDS(terms) * 4;
  const int32_t width = output->shape.width;
  const int8_t* const columns[4] = {bytes, bytes + column_bytes, bytes + 2 * column_bytes,
                                    bytes + 3 * column_bytes};
  // Rows of the output that lie one behind the other are one run of pixels.
  const int whole = output->steps.row == width * output->steps.column && output->ring_rows == 0;
  const int32_t run = whole ? rows.end - rows.begin : 1;
  const int32_t pixels = run * width;
  const int32_t size = nw_fast_chunk_size(pixels, capacity);
  nw_fast_chunk chunk = {0,      output->steps, 0,     output->shape.channels, terms, filters,
                         levels, words,         inputs};
  for (int32_t y = rows.begin; y < rows.end; y += run) {
    int8_t* const to = output->data + nw_offset(output->steps, nw_line(output->ring_rows, y), 0, 0);
    for (int32_t done = 0; done < pixels; done += size) {
      // A last few pixels take some of those before them once more.
      const int32_t first = pixels - done < 4 && pixels >= 4 ? pixels - 4 : done;
      chunk.pixels = pixels - first < size ? pixels - first : size;
      chunk.output = to + first * output->steps.column;
      for (int32_t group = 0; group < nw_fast_groups(chunk.pixels); ++group) {
        const int32_t begin = first + nw_fast_first_of_group(group, chunk.pixels);
        for (int32_t i = 0; i < 4; ++i) {
          const int32_t pixel = begin + i < pixels ? begin + i : pixels - 1;
          gather(input, window, levels->input_zero, y + pixel / width, pixel % width,
                 bytes + i * column_bytes);
        }
        nw_fast_widen_columns(columns, terms, levels->input_zero,
                              inputs + group * NW_FAST_GROUP_WORDS(terms));
      }
      nw_fast_run_chunk(&chunk);
    }
  }
  if (nw_fast_has_limits(levels->limits)) nw_fast_clamp(output, levels->limits, rows);
}
