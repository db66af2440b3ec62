#include "libs/kernels/convolution.h"

#include "libs/kernels/requantise.h"

// The part of a window that lies on the input: kernel positions [begin, end) of one axis.
typedef struct {
  int32_t begin;
  int32_t end;
} span;

static span covered(int32_t origin, int32_t kernel, int32_t size) {
  span result = {origin < 0 ? -origin : 0, kernel};
  if (size - origin < kernel) result.end = size - origin;
  return result;
}

static int8_t requantised(int32_t sum, const nw_filters* filters, const nw_levels* levels,
                          int32_t channel) {
  const int32_t scaled = nw_scale(sum, filters->multipliers[channel], filters->shifts[channel]);
  return (int8_t)nw_level(scaled, levels->output_zero, levels->limits.low, levels->limits.high);
}

// The sum over `channels` of (input - zero) * weight. Channels that lie side by side are what
// compilers make vectors of.
static int32_t dot(const int8_t* input, int32_t step, const int8_t* weights, int32_t channels,
                   int32_t zero) {
  int32_t sum = 0;
  if (step == 1) {
    for (int32_t c = 0; c < channels; ++c) sum += (input[c] - zero) * weights[c];
  } else {
    for (int32_t c = 0; c < channels; ++c) sum += (input[c * step] - zero) * weights[c];
  }
  return sum;
}

void nw_convolution(const nw_input* input, const nw_output* output, const nw_window* window,
                    const nw_filters* filters, const nw_levels* levels, nw_rows rows) {
  const int32_t channels = input->shape.channels;
  const int32_t filter_size = window->kernel_height * window->kernel_width * channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t top = y * window->stride_height - window->padding_top;
    const span ys = covered(top, window->kernel_height, input->shape.height);
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      const int32_t left = x * window->stride_width - window->padding_left;
      const span xs = covered(left, window->kernel_width, input->shape.width);
      int8_t* out = output->data + nw_offset(output->steps, out_line, x, 0);
      for (int32_t c = 0; c < output->shape.channels; ++c) {
        int32_t sum = filters->biases[c];
        for (int32_t ky = ys.begin; ky < ys.end; ++ky) {
          const int32_t line = nw_input_line(input, top + ky);
          for (int32_t kx = xs.begin; kx < xs.end; ++kx) {
            const int8_t* weights =
                filters->weights + c * filter_size + (ky * window->kernel_width + kx) * channels;
            const int8_t* in = input->data + nw_offset(input->steps, line, left + kx, 0);
            sum += dot(in, input->steps.channel, weights, channels, levels->input_zero);
          }
        }
        out[c * output->steps.channel] = requantised(sum, filters, levels, c);
      }
    }
  }
}

void nw_depthwise(const nw_input* input, const nw_output* output, const nw_window* window,
                  const nw_filters* filters, const nw_levels* levels, nw_rows rows) {
  const int32_t channels = output->shape.channels;
  const int32_t outputs_per_input = channels / input->shape.channels;
  for (int32_t y = rows.begin; y < rows.end; ++y) {
    const int32_t top = y * window->stride_height - window->padding_top;
    const span ys = covered(top, window->kernel_height, input->shape.height);
    const int32_t out_line = nw_output_line(output, y);
    for (int32_t x = 0; x < output->shape.width; ++x) {
      const int32_t left = x * window->stride_width - window->padding_left;
      const span xs = covered(left, window->kernel_width, input->shape.width);
      for (int32_t c = 0; c < channels; ++c) {
        int32_t sum = filters->biases[c];
        for (int32_t ky = ys.begin; ky < ys.end; ++ky) {
          const int32_t line = nw_input_line(input, top + ky);
          for (int32_t kx = xs.begin; kx < xs.end; ++kx) {
            const int8_t in =
                input->data[nw_offset(input->steps, line, left + kx, c / outputs_per_input)];
            sum += (in - levels->input_zero) *
                   filters->weights[(ky * window->kernel_width + kx) * channels + c];
          }
        }
        output->data[nw_offset(output->steps, out_line, x, c)] =
            requantised(sum, filters, levels, c);
      }
    }
  }
}

// Rows of channel `channel` of the input from `top` on, in the middle of zeros, `plane.height` x
// `plane.width`.
static void copy_plane(const nw_input* input, const nw_window* window, int32_t zero,
                       int32_t channel, int32_t top, int16_t* to, nw_extent plane) {
  for (int32_t y = 0; y < plane.height; ++y) {
    const int32_t in_y = top + y;
    const int inside = in_y >= 0 && in_y < input->shape.height;
    const int32_t line = inside ? nw_input_line(input, in_y) : 0;
    for (int32_t x = 0; x < plane.width; ++x) {
      const int32_t in_x = x - window->padding_left;
      int32_t value = 0;
      if (inside && in_x >= 0 && in_x < input->shape.width) {
        value = input->data[nw_offset(input->steps, line, in_x, channel)] - zero;
      }
      *to++ = (int16_t)value;
    }
  }
}

// Channel `channel` of row `y` of the output, whose windows begin with the first row of `plane`.
static void run_plane_row(const nw_output* output, const nw_window* window,
                          const nw_filters* filters, const nw_levels* levels, const int16_t* plane,
                          int32_t plane_width, int32_t y, int32_t channel) {
  const int32_t channels = output->shape.channels;
  const int32_t out_line = nw_output_line(output, y);
  for (int32_t x = 0; x < output->shape.width; ++x) {
    const int16_t* in = plane + x * window->stride_width;
    const int8_t* weights = filters->weights + channel;
    int32_t sum = filters->biases[channel];
    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
      for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
        sum += in[kx] * *weights;
        weights += channels;
      }
      in += plane_width;
    }
    output->data[nw_offset(output->steps, out_line, x, channel)] =
        requantised(sum, filters, levels, channel);
  }
}

void nw_depthwise_in_place(const nw_input* input, const nw_output* output, const nw_window* window,
                           const nw_filters* filters, const nw_levels* levels, int16_t* scratch,
                           nw_extent plane, nw_rows rows) {
  const int32_t stride = window->stride_height;
  const int32_t most = (plane.height - window->kernel_height) / stride + 1;
  for (int32_t c = 0; c < output->shape.channels; ++c) {
    for (int32_t begin = rows.begin; begin < rows.end; begin += most) {
      const int32_t end = rows.end - begin < most ? rows.end : begin + most;
      const int32_t lines = (end - begin - 1) * stride + window->kernel_height;
      const nw_extent read = {lines, plane.width};
      copy_plane(input, window, levels->input_zero, c, begin * stride - window->padding_top,
                 scratch, read);
      for (int32_t y = begin; y < end; ++y) {
        run_plane_row(output, window, filters, levels, scratch + (y - begin) * stride * plane.width,
                      plane.width, y, c);
      }
    }
  }
}
