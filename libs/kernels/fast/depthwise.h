// Depthwise convolution with windows of 3 x 3, 5 x 5 or 7 x 7, stride 1 or 2: nw_depthwise's bytes.

#ifndef NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_H_
#define NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_H_

#include <stdint.h>

#include "libs/kernels/convolution.h"

#ifdef __cplusplus
extern "C" {
#endif

// Whether nw_fast_depthwise takes such windows: square, of a size and stride as above, less than
// four columns and a whole window of rows padded before.
static inline int nw_fast_depthwise_takes(const nw_window* window) {
  const int32_t kernel = window->kernel_height;
  const int32_t stride = window->stride_height;
  return kernel == window->kernel_width && (kernel == 3 || kernel == 5 || kernel == 7) &&
         stride == window->stride_width && (stride == 1 || stride == 2) &&
         window->padding_top >= 0 && window->padding_top < kernel && window->padding_left >= 0 &&
         window->padding_left < 4;
}

// As nw_depthwise, in any layout; the fastest one is planes of channels. `scratch`, aligned to
// words, has NW_DEPTHWISE_ROWS_SCRATCH bytes.
//
// The output may overwrite the input as in nw_depthwise_in_place, where there are as many channels
// and no more columns: rows are read before those that overwrite them are written.
void nw_fast_depthwise(const nw_input* input, const nw_output* output, const nw_window* window,
                       const nw_filters* filters, const nw_levels* levels, void* scratch,
                       nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_DEPTHWISE_H_
