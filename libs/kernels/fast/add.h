// Addition: nw_add's bytes.

#ifndef NIWAKI_LIBS_KERNELS_FAST_ADD_H_
#define NIWAKI_LIBS_KERNELS_FAST_ADD_H_

#include <stdint.h>

#include "libs/kernels/elementwise.h"
#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// As nw_add, in any layout and with broadcast; the fastest one is channels innermost. The output
// may lie on an operand of its shape and layout.
void nw_fast_add(const nw_input* first, const nw_input* second, const nw_output* output,
                 const nw_add_levels* levels, nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_ADD_H_
