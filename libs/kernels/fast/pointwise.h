// Convolution with windows of one pixel, stride 1, nothing padded: nw_convolution's bytes.

#ifndef NIWAKI_LIBS_KERNELS_FAST_POINTWISE_H_
#define NIWAKI_LIBS_KERNELS_FAST_POINTWISE_H_

#include <stdint.h>

#include "libs/kernels/convolution.h"

#ifdef __cplusplus
extern "C" {
#endif

// As nw_convolution with such a window, in any layout; the fastest ones are channels innermost and
// planes of channels. `scratch`, aligned to words, has `scratch_bytes`, at least
// NW_LEAST_CONVOLUTION_SCRATCH(1, 1, channels): the more there is, the more pixels share the work
// on weights. Input and output must not overlap.
void nw_fast_pointwise(const nw_input* input, const nw_output* output, const nw_filters* filters,
                       const nw_levels* levels, void* scratch, int32_t scratch_bytes, nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_POINTWISE_H_
