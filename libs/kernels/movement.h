// Operators that move bytes and compute nothing.

#ifndef NIWAKI_LIBS_KERNELS_MOVEMENT_H_
#define NIWAKI_LIBS_KERNELS_MOVEMENT_H_

#include <stdint.h>

#include "libs/kernels/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// The input at (top, left) of the output, `value` around it.
void nw_pad(const nw_input* input, const nw_output* output, int32_t top, int32_t left, int8_t value,
            nw_rows rows);

// The same elements, by row, column, channel: a part of a concatenation is a copy into a slice of
// the output.
void nw_copy(const nw_input* input, const nw_output* output, nw_rows rows);

// Axis i of the output is axis order[i] of the input (0 height, 1 width, 2 channels).
void nw_transpose(const nw_input* input, const nw_output* output, const int8_t order[3],
                  nw_rows rows);

// Every pixel `factor_height` times down and `factor_width` times across, the factors being those
// of the shapes.
void nw_repeat(const nw_input* input, const nw_output* output, nw_rows rows);

#ifdef __cplusplus
}
#endif

#endif  // NIWAKI_LIBS_KERNELS_MOVEMENT_H_
