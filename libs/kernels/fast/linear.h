// A fully connected layer: nw_convolution's bytes for one pixel and a window of one.

#ifndef NIWAKI_LIBS_KERNELS_FAST_LINEAR_H_
#define NIWAKI_LIBS_KERNELS_FAST_LINEAR_H_

#include <stdint.h>

#include "libs/kernels/convolution.h"

#ifdef __cplusplus
extern "C" {
#endif

// Input and output have one row and column; the input's channels lie side by side. `scratch`,
// aligned to words, has NW_LINEAR_SCRATCH(inputs) bytes.
void nw_fast_linear(const nw_input* input, const nw_output* output, const nw_filters* filters,
                    const nw_levels* levels, void* scratch);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_LINEAR_H_
