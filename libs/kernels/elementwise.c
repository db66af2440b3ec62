#include "libs/kernels/elementwise.h"

#include "libs/kernels/requantise.h"

void nw_add(const nw_input* first, const nw_input* second, const nw_output* output,
            const nw_add_levels* levels, nw_rows rows) {
  const nw_steps first_steps = nw_broadcast(first, output->shape);
  const nw_steps second_steps = nw_broadcast(second, output->shape);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t first_line = nw_input_line(first, y);
    const int32_t second_line = nw_input_line(second, y);
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        const int32_t sum = nw_add_term(first->data[nw_offset(first_steps, first_line, x, c)],
                                        levels->first_zero, levels->first) +
                            nw_add_term(second->data[nw_offset(second_steps, second_line, x, c)],
                                        levels->second_zero, levels->second);
        const int32_t scaled = nw_scale(sum, levels->output.multiplier, levels->output.shift);
        output->data[nw_offset(output->steps, out_line, x, c)] =
            (int8_t)nw_level(scaled, levels->output_zero, levels->limits.low, levels->limits.high);
      }
    }
  }
}

void nw_multiply(const nw_input* first, const nw_input* second, const nw_output* output,
                 const nw_multiply_levels* levels, nw_rows rows) {
  const nw_steps first_steps = nw_broadcast(first, output->shape);
  const nw_steps second_steps = nw_broadcast(second, output->shape);
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t first_line = nw_input_line(first, y);
    const int32_t second_line = nw_input_line(second, y);
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        const int32_t product =
            (first->data[nw_offset(first_steps, first_line, x, c)] - levels->first_zero) *
            (second->data[nw_offset(second_steps, second_line, x, c)] - levels->second_zero);
        const int32_t scaled = nw_scale(product, levels->output.multiplier, levels->output.shift);
        output->data[nw_offset(output->steps, out_line, x, c)] =
            (int8_t)nw_level(scaled, levels->output_zero, levels->limits.low, levels->limits.high);
      }
    }
  }
}

void nw_rescale(const nw_input* input, const nw_output* output, const nw_rescale_levels* levels,
                nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t line = nw_input_line(input, y);
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        const int32_t value = input->data[nw_offset(input->steps, line, x, c)] - levels->input_zero;
        const int32_t scaled = nw_scale(value, levels->output.multiplier, levels->output.shift);
        output->data[nw_offset(output->steps, out_line, x, c)] =
            (int8_t)nw_level(scaled, levels->output_zero, INT8_MIN, INT8_MAX);
      }
    }
  }
}

void nw_look_up(const nw_input* input, const nw_output* output, const int8_t table[256],
                nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t line = nw_input_line(input, y);
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        output->data[nw_offset(output->steps, out_line, x, c)] =
            table[input->data[nw_offset(input->steps, line, x, c)] - INT8_MIN];
      }
    }
  }
}
