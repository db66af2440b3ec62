// Convolutions with int8 weights, one scale a channel (or one for all), and int32 accumulators.
// Plain references: what faster kernels must equal byte for byte.

#ifndef NIWAKI_LIBS_KERNELS_CONVOLUTION_H_
#define NIWAKI_LIBS_KERNELS_CONVOLUTION_H_

#include <stdint.h>

#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride_height;
  int32_t stride_width;
  // Rows above and columns left of the input that windows cover; below and right follow from the
  // output's shape.
  int32_t padding_top;
  int32_t padding_left;
} nw_window;

// Rows and columns.
typedef struct {
  int32_t height;
  int32_t width;
} nw_extent;

// Flash: one byte a weight, and nine bytes of tables a channel.
typedef struct {
  // nw_convolution: [Co, kernel_height, kernel_width, Ci]. nw_depthwise: [kernel_height,
  // kernel_width, Co].
  const int8_t* weights;
  // By output channel.
  const int32_t* biases;
  const int32_t* multipliers;
  const int8_t* shifts;
} nw_filters;

typedef struct {
  int32_t input_zero;
  int32_t output_zero;
  nw_limits limits;
} nw_levels;

// Scratch memory as constant expressions, in bytes: what the planner sets aside for an operator
// while it runs, aligned to words. The plain kernel needs none of what convolutions have: it is set
// aside for faster ones (libs/kernels/fast), so that a plan holds for both.
//
// Inputs of an output, filled up to fours.
#define NW_FOURS(terms) (((terms) + 3) / 4 * 4)
// The same, each row of its window for itself.
#define NW_WINDOW_TERMS(kernel_height, kernel_width, channels) \
  ((kernel_height)*NW_FOURS((kernel_width) * (channels)))
// The inputs of nine output pixels as int16, and more where those are few bytes. The more there is,
// the more pixels share the work on weights. The least, enough for fewer than eight output pixels,
// are those of four, and the weights of two channels.
#define NW_CONVOLUTION_SCRATCH(kernel_height, kernel_width, channels) \
  NW_SCRATCH_OF_TERMS(18 * NW_WINDOW_TERMS(kernel_height, kernel_width, channels))
#define NW_LEAST_CONVOLUTION_SCRATCH(kernel_height, kernel_width, channels) \
  NW_SCRATCH_OF_TERMS(12 * NW_WINDOW_TERMS(kernel_height, kernel_width, channels))
#define NW_SCRATCH_OF_TERMS(bytes) ((bytes) < NW_MIN_SCRATCH ? NW_MIN_SCRATCH : (bytes))
#define NW_MIN_SCRATCH 640
#define NW_POINTWISE_SCRATCH(channels) NW_CONVOLUTION_SCRATCH(1, 1, channels)
// The input of a fully connected layer, widened; set aside likewise.
#define NW_LINEAR_SCRATCH(inputs) (NW_FOURS(inputs) * 2)
// One channel's plane, padded, less its zero point, as int16 (nw_depthwise_in_place).
#define NW_DEPTHWISE_SCRATCH(padded_height, padded_width) ((padded_height) * (padded_width)*2)
// Some rows of a channel, padded, widened to int16 in groups of four columns; a stride of up to 2.
// The more there are, the more rows of outputs share the work on them.
#define NW_DEPTHWISE_LINES 12
#define NW_DEPTHWISE_ROWS_SCRATCH(padded_width) (((padded_width) + 9) / 4 * 8 * NW_DEPTHWISE_LINES)

// Padding is the input's zero point. A 1 x 1 input with a 1 x 1 kernel is a fully connected layer.
void nw_convolution(const nw_input* input, const nw_output* output, const nw_window* window,
                    const nw_filters* filters, const nw_levels* levels, nw_rows rows);

// Output channel c reads input channel c / (Co / Ci); Co is a multiple of Ci.
void nw_depthwise(const nw_input* input, const nw_output* output, const nw_window* window,
                  const nw_filters* filters, const nw_levels* levels, nw_rows rows);

// nw_depthwise with as many output as input channels, where the output may overwrite the input:
// channel by channel, so it may lie on the input of the same channel and of those before it. Both
// at one address do, with channels innermost or in planes, where the output is no larger; or, in
// planes, rows of outputs over rows that neither they nor later ones need. `scratch` has
// NW_DEPTHWISE_SCRATCH bytes of `plane`: rows of the input that are read before outputs are
// written, at least those of a window, and its width with the padding on both sides. All of them
// where the rows of one output lie over those of another.
void nw_depthwise_in_place(const nw_input* input, const nw_output* output, const nw_window* window,
                           const nw_filters* filters, const nw_levels* levels, int16_t* scratch,
                           nw_extent plane, nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_CONVOLUTION_H_
