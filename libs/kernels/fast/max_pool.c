#include "libs/kernels/fast/max_pool.h"

#include "libs/kernels/fast/simd.h"
#include "libs/kernels/requantise.h"

// What a window covers of the input, from its first pixel on, and the input's steps.
typedef struct {
  const nw_input* input;
  int32_t top;
  int32_t bottom;
  int32_t left;
  int32_t columns;
} area;

static uint32_t repeated(int32_t byte) { return (uint8_t)byte * UINT32_C(0x01010101); }

// The largest of each of four channels that lie side by side from channel `c` on.
static inline uint32_t largest_of_four(const area* here, int32_t c) {
  const nw_input* input = here->input;
  uint32_t largest = repeated(INT8_MIN);
  for (int32_t y = here->top; y < here->bottom; ++y) {
    const int8_t* at =
        input->data + nw_offset(input->steps, nw_input_line(input, y), here->left, c);
    for (int32_t x = here->columns; x > 0; --x, at += input->steps.column) {
      largest = nw_largest4(largest, nw_load4(at));
    }
  }
  return largest;
}

static inline int32_t largest_of(const area* here, int32_t c) {
  const nw_input* input = here->input;
  int32_t largest = INT8_MIN;
  for (int32_t y = here->top; y < here->bottom; ++y) {
    const int8_t* at =
        input->data + nw_offset(input->steps, nw_input_line(input, y), here->left, c);
    for (int32_t x = here->columns; x > 0; --x, at += input->steps.column) {
      if (*at > largest) largest = *at;
    }
  }
  return largest;
}

void nw_fast_max_pool(const nw_input* input, const nw_output* output, const nw_window* window,
                      nw_limits limits, nw_rows rows) {
  const nw_shape in = input->shape;
  const nw_shape out = output->shape;
  const int fours = input->steps.channel == 1 && output->steps.channel == 1;
  const uint32_t low = repeated(limits.low), high = repeated(limits.high);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t out_line = nw_output_line(output, y);
    const int32_t top = y * window->stride_height - window->padding_top;
    area here = {input, nw_clamp(top, 0, in.height),
                 nw_clamp(top + window->kernel_height, 0, in.height), 0, 0};
    for (int32_t x = 0; x < out.width; ++x) {
      const int32_t left = x * window->stride_width - window->padding_left;
      here.left = nw_clamp(left, 0, in.width);
      here.columns = nw_clamp(left + window->kernel_width, 0, in.width) - here.left;
      int8_t* to = output->data + nw_offset(output->steps, out_line, x, 0);
      int32_t c = 0;
      for (; fours && c + 4 <= out.channels; c += 4) {
        const uint32_t largest = nw_largest4(largest_of_four(&here, c), low);
        nw_store4(to + c, nw_smallest4(largest, high));
      }
      for (; c < out.channels; ++c) {
        to[c * output->steps.channel] =
            (int8_t)nw_clamp(largest_of(&here, c), limits.low, limits.high);
      }
    }
  }
}
