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

// Padding is the input's zero point. A 1 x 1 input with a 1 x 1 kernel is a fully connected layer.
void nw_convolution(const nw_input* input, const nw_output* output, const nw_window* window,
                    const nw_filters* filters, const nw_levels* levels, nw_rows rows);

// Output channel c reads input channel c / (Co / Ci); Co is a multiple of Ci.
void nw_depthwise(const nw_input* input, const nw_output* output, const nw_window* window,
                  const nw_filters* filters, const nw_levels* levels, nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_CONVOLUTION_H_
