// Pools over windows, and means over axes.

#ifndef NIWAKI_LIBS_KERNELS_POOLING_H_
#define NIWAKI_LIBS_KERNELS_POOLING_H_

#include <stdint.h>

#include "libs/kernels/convolution.h"
#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// The largest of each window; padding is never the largest. Input and output have one scale.
void nw_max_pool(const nw_input* input, const nw_output* output, const nw_window* window,
                 nw_limits limits, nw_rows rows);

// The mean of each window, rounded half away from zero; padding does not count. Input and output
// have one scale. A window of the input's size is the global pool.
void nw_average_pool(const nw_input* input, const nw_output* output, const nw_window* window,
                     nw_limits limits, nw_rows rows);

typedef struct {
  int32_t input_zero;
  int32_t output_zero;
  nw_factor output;
} nw_mean_levels;

// Means over the middle axis of a dense input [outer, count, inner]: output [outer, inner], dense.
// The sum is scaled first and divided then, rounding half away from zero both times.
void nw_mean(const int8_t* input, int8_t* output, int32_t outer, int32_t count, int32_t inner,
             const nw_mean_levels* levels);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_POOLING_H_
