#include "libs/kernels/movement.h"

void nw_pad(const nw_input* input, const nw_output* output, int32_t top, int32_t left, int8_t value,
            nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      const int32_t iy = y - top;
      const int32_t ix = x - left;
      const int inside = iy >= 0 && iy < input->shape.height && ix >= 0 && ix < input->shape.width;
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        output->data[nw_offset(output->steps, out_line, x, c)] =
            inside ? input->data[nw_offset(input->steps, nw_input_line(input, iy), ix, c)] : value;
      }
    }
  }
}

void nw_copy(const nw_input* input, const nw_output* output, nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        output->data[nw_offset(output->steps, out_line, x, c)] =
            input->data[nw_offset(input->steps, nw_input_line(input, y), x, c)];
      }
    }
  }
}

void nw_transpose(const nw_input* input, const nw_output* output, const int8_t order[3],
                  nw_rows rows) {
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        int32_t place[3];
        place[order[0]] = y;
        place[order[1]] = x;
        place[order[2]] = c;
        output->data[nw_offset(output->steps, out_line, x, c)] =
            input
                ->data[nw_offset(input->steps, nw_input_line(input, place[0]), place[1], place[2])];
      }
    }
  }
}

void nw_repeat(const nw_input* input, const nw_output* output, nw_rows rows) {
  const int32_t down = output->shape.height / input->shape.height;
  const int32_t across = output->shape.width / input->shape.width;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        output->data[nw_offset(output->steps, out_line, x, c)] =
            input->data[nw_offset(input->steps, nw_input_line(input, y / down), x / across, c)];
      }
    }
  }
}
