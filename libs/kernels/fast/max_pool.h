// Largest of windows, as pooling.h.

#ifndef NIWAKI_LIBS_KERNELS_FAST_MAX_POOL_H_
#define NIWAKI_LIBS_KERNELS_FAST_MAX_POOL_H_

#include "libs/kernels/pooling.h"
#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// As nw_max_pool, in any layout; four channels at a time where they lie side by side.
void nw_fast_max_pool(const nw_input* input, const nw_output* output, const nw_window* window,
                      nw_limits limits, nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_MAX_POOL_H_
