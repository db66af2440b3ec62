// Multiplication element by element, as elementwise.h: squeeze-excite's gate and products of two
// tensors.

#ifndef NIWAKI_LIBS_KERNELS_FAST_MULTIPLY_H_
#define NIWAKI_LIBS_KERNELS_FAST_MULTIPLY_H_

#include "libs/kernels/elementwise.h"
#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// As nw_multiply, in any layout and with broadcast; four elements at a time where channels, or
// columns, lie side by side. The output may lie on an operand of its shape and layout.
void nw_fast_multiply(const nw_input* first, const nw_input* second, const nw_output* output,
                      const nw_multiply_levels* levels, nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_FAST_MULTIPLY_H_
