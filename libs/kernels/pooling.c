#include "libs/kernels/pooling.h"

#include "libs/kernels/requantise.h"

typedef struct {
  int32_t top;
  int32_t bottom;
  int32_t left;
  int32_t right;
} area;

// What the window of output (y, x) covers of the input.
static area covered(const nw_input* input, const nw_window* window, int32_t y, int32_t x) {
  const int32_t top = y * window->stride_height - window->padding_top;
  const int32_t left = x * window->stride_width - window->padding_left;
  const area result = {nw_clamp(top, 0, input->shape.height),
                       nw_clamp(top + window->kernel_height, 0, input->shape.height),
                       nw_clamp(left, 0, input->shape.width),
                       nw_clamp(left + window->kernel_width, 0, input->shape.width)};
  return result;
}

static int32_t rounded_mean(int32_t sum, int32_t count) {
  const int32_t whole = sum / count;
  // Of the sign of the sum.
  const int32_t rest = sum % count;
  return whole + (2 * rest >= count ? 1 : 2 * rest <= -count ? -1 : 0);
}

static int32_t sum_of(const int8_t* values, int32_t step, int32_t count) {
  int32_t sum = 0;
  for (; count > 0; --count) {
    sum += *values;
    values += step;
  }
  return sum;
}

void nw_max_pool(const nw_input* input, const nw_output* output, const nw_window* window,
                 nw_limits limits, nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      const area here = covered(input, window, y, x);
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        int32_t largest = INT8_MIN;
        for (int32_t iy = here.top; iy < here.bottom; ++iy) {
          const int32_t line = nw_input_line(input, iy);
          for (int32_t ix = here.left; ix < here.right; ++ix) {
            const int32_t value = input->data[nw_offset(input->steps, line, ix, c)];
            if (value > largest) largest = value;
          }
        }
        output->data[nw_offset(output->steps, out_line, x, c)] =
            (int8_t)nw_clamp(largest, limits.low, limits.high);
      }
    }
  }
}

void nw_average_pool(const nw_input* input, const nw_output* output, const nw_window* window,
                     nw_limits limits, nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      const area here = covered(input, window, y, x);
      const int32_t columns = here.right - here.left;
      const int32_t count = (here.bottom - here.top) * columns;
      // Rows that lie one behind the other are summed as one.
      const int whole = input->ring_rows == 0 && input->steps.row == columns * input->steps.column;
      const int32_t run = whole ? here.bottom - here.top : 1;
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        int32_t sum = 0;
        for (int32_t iy = here.top; iy < here.bottom; iy += run) {
          const int32_t line = nw_input_line(input, iy);
          sum += sum_of(input->data + nw_offset(input->steps, line, here.left, c),
                        input->steps.column, run * columns);
        }
        output->data[nw_offset(output->steps, out_line, x, c)] =
            (int8_t)nw_clamp(rounded_mean(sum, count), limits.low, limits.high);
      }
    }
  }
}

void nw_mean(const int8_t* input, int8_t* output, int32_t outer, int32_t count, int32_t inner,
             const nw_mean_levels* levels) {
  for (int32_t o = 0; o < outer; ++o) {
    for (int32_t i = 0; i < inner; ++i) {
      int32_t sum =
          sum_of(input + o * count * inner + i, inner, count) - count * levels->input_zero;
      sum = nw_scale(sum, levels->output.multiplier, levels->output.shift);
      output[o * inner + i] =
          (int8_t)nw_level(rounded_mean(sum, count), levels->output_zero, INT8_MIN, INT8_MAX);
    }
  }
}
